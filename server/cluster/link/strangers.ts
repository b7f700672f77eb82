/**
 * Connections not yet admitted that one address may hold at once. More than one machine ever has; machines behind one
 * router come again in seconds when it is full.
 */
const PER_ADDRESS = 16

/** Counts the connections of those who have not proved who they are, by address. */
export class Strangers {
  readonly #counts = new Map<string, number>()

  /** Counts one more of `address`; false, and nothing counted, when it has its share. */
  enter(address: string): boolean {
    const count = this.#counts.get(address) ?? 0
    if (count >= PER_ADDRESS) return false
    this.#counts.set(address, count + 1)
    return true
  }

  /** One that entered is admitted or gone. */
  leave(address: string): void {
    const count = this.#counts.get(address) ?? 0
    if (count > 1) this.#counts.set(address, count - 1)
    else this.#counts.delete(address)
  }
}
