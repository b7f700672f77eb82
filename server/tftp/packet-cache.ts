/** DATA packets of consecutive blocks, ready to be sent; nobody may change them. */
export type Packets = readonly Uint8Array[]

/** Memory of a packet beside its octets: the view and its place in the list. */
const PACKET_OVERHEAD_BYTES = 200

/**
 * Packets made last, shared by all transfers: a class room that boots the same loader reads the disk once and copies
 * no octet. Holds about `capacityBytes`; what was unused for longest goes first. Who asks for packets that are being
 * made shares them; a failure is not kept, and not shared.
 */
export class PacketCache {
  readonly #capacityBytes: number
  readonly #kept = new Map<string, Packets>()
  readonly #making = new Map<string, Promise<Packets>>()
  readonly #names = new WeakMap<object, string>()
  #named = 0
  #bytes = 0

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes
  }

  /** The start of the keys of a file's packets; the same for equal text or the same object. */
  prefix(identity: string | object): string {
    if (typeof identity === 'string') return `file ${identity}`
    const known = this.#names.get(identity)
    if (known !== undefined) return known
    this.#named += 1
    const name = `object ${this.#named}`
    this.#names.set(identity, name)
    return name
  }

  /** What is kept under `key`. */
  get(key: string): Packets | undefined {
    const packets = this.#kept.get(key)
    if (packets === undefined) return undefined
    this.#kept.delete(key)
    this.#kept.set(key, packets)
    return packets
  }

  /** What is kept under `key`, or what `make` makes of it; rejects as `make` does. */
  async getOrMake(key: string, make: () => Promise<Packets>): Promise<Packets> {
    const kept = this.get(key)
    if (kept !== undefined) return kept
    const making = this.#making.get(key)
    if (making === undefined) return this.#make(key, make)
    try {
      return await making
    } catch {
      // Perhaps the other one only went away and closed its file: that is no reason to fail here.
      return this.getOrMake(key, make)
    }
  }

  #make(key: string, make: () => Promise<Packets>): Promise<Packets> {
    const making = make()
      .then(packets => this.#keep(key, packets))
      .finally(() => this.#making.delete(key))
    this.#making.set(key, making)
    return making
  }

  #keep(key: string, packets: Packets): Packets {
    this.#kept.set(key, packets)
    this.#bytes += costBytes(packets)
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes <= this.#capacityBytes || oldest === key) break
      this.#kept.delete(oldest)
      this.#bytes -= costBytes(old)
    }
    return packets
  }
}

function costBytes(packets: Packets): number {
  return packets.reduce((sum, packet) => sum + packet.length + PACKET_OVERHEAD_BYTES, 0)
}
