/** Counts the open connections of each address, so that one machine cannot take them all. */
export class ConnectionLimit {
  readonly #open = new Map<string, number>()
  readonly #perAddress: number

  constructor(perAddress: number) {
    this.#perAddress = perAddress
  }

  /** Takes a place for one more connection of `address`; `false`, and no place taken, when it has all it may. */
  enter(address: string): boolean {
    const open = this.#open.get(address) ?? 0
    if (open >= this.#perAddress) return false
    this.#open.set(address, open + 1)
    return true
  }

  /** Gives back a place that {@link enter} gave. */
  leave(address: string): void {
    const open = (this.#open.get(address) ?? 0) - 1
    if (open > 0) this.#open.set(address, open)
    else this.#open.delete(address)
  }

  /** Addresses with a connection; none is remembered after its last one. */
  get addresses(): number {
    return this.#open.size
  }
}
