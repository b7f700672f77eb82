import type { Libc } from '../../io/native/libc.ts'

/** `struct mmsghdr` where addresses have 64 bits (glibc, x86-64 and arm64), and where its fields are. */
const HEADER_BYTES = 64
const NAME_AT = 0
const NAME_LENGTH_AT = 8
const PARTS_AT = 16
const PART_COUNT_AT = 24
const CONTROL_AT = 32
const CONTROL_LENGTH_AT = 40
const TRANSFERRED_AT = 56
/** `struct iovec`: address and length of one piece of memory. */
const PART_BYTES = 16
/** `struct sockaddr_in`: family, port and address. */
const NAME_BYTES = 16
const AF_INET = 2
/** `struct cmsghdr` with one 16-bit number, and its length without the padding. */
const CONTROL_BYTES = 24
const CONTROL_LENGTH = 18
/** The control message that has the kernel cut a long datagram into some of this size (linux/udp.h). */
const SOL_UDP = 17
const UDP_SEGMENT = 103

/**
 * The headers of `count` messages for `sendmmsg` and `recvmmsg`, each with a peer and one piece of `data`. Their memory
 * is laid out once and never moves; only lengths, places and peers change.
 */
export class MessageHeaders {
  readonly #headers: Uint8Array
  readonly #view: DataView
  readonly #parts: DataView
  readonly #names: DataView
  readonly #controls: DataView
  readonly #dataAddress: bigint
  readonly #controlAddress: bigint
  /** One view for each number of messages that were done already: to make one costs more than to keep it. */
  readonly #from: readonly Uint8Array[]

  constructor(libc: Libc, count: number, data: Uint8Array) {
    const memory = (bytes: number) => new Uint8Array(new ArrayBuffer(bytes * count))
    const [parts, names, controls] = [memory(PART_BYTES), memory(NAME_BYTES), memory(CONTROL_BYTES)]
    this.#headers = memory(HEADER_BYTES)
    this.#view = new DataView(this.#headers.buffer)
    this.#parts = new DataView(parts.buffer)
    this.#names = new DataView(names.buffer)
    this.#controls = new DataView(controls.buffer)
    this.#dataAddress = libc.addressOf(data)
    this.#controlAddress = libc.addressOf(controls)
    const [nameAddress, partAddress] = [libc.addressOf(names), libc.addressOf(parts)]
    for (let index = 0; index < count; index += 1) {
      const at = index * HEADER_BYTES
      this.#view.setBigUint64(at + NAME_AT, nameAddress + BigInt(index * NAME_BYTES), true)
      this.#view.setUint32(at + NAME_LENGTH_AT, NAME_BYTES, true)
      this.#view.setBigUint64(at + PARTS_AT, partAddress + BigInt(index * PART_BYTES), true)
      this.#view.setUint32(at + PART_COUNT_AT, 1, true)
      this.#controls.setUint32(index * CONTROL_BYTES, CONTROL_LENGTH, true)
      this.#controls.setUint32(index * CONTROL_BYTES + 8, SOL_UDP, true)
      this.#controls.setUint32(index * CONTROL_BYTES + 12, UDP_SEGMENT, true)
    }
    this.#from = Array.from({ length: count }, (_, index) => this.#headers.subarray(index * HEADER_BYTES))
  }

  /** The headers from the `index`-th on, for the call. */
  from(index: number): Uint8Array {
    return this.#from[index] ?? this.#headers
  }

  /** Message `index` has the octets of `data` from `start` on. */
  setData(index: number, start: number, lengthBytes: number): void {
    this.#parts.setBigUint64(index * PART_BYTES, this.#dataAddress + BigInt(start), true)
    this.#parts.setUint32(index * PART_BYTES + 8, lengthBytes, true)
  }

  /** It goes to this address and port. */
  setPeer(index: number, address: number, port: number): void {
    const at = index * NAME_BYTES
    this.#names.setUint16(at, AF_INET, true)
    this.#names.setUint16(at + 2, port)
    this.#names.setUint32(at + 4, address)
  }

  /** It is cut into datagrams of so many octets, the last perhaps shorter; 0: it is one datagram. */
  setSegments(index: number, segmentBytes: number): void {
    const at = index * HEADER_BYTES
    const isCut = segmentBytes > 0
    this.#view.setBigUint64(
      at + CONTROL_AT,
      isCut ? this.#controlAddress + BigInt(index * CONTROL_BYTES) : 0n,
      true,
    )
    this.#view.setUint32(at + CONTROL_LENGTH_AT, isCut ? CONTROL_BYTES : 0, true)
    this.#controls.setUint16(index * CONTROL_BYTES + 16, segmentBytes, true)
  }

  /** Octets that were received. */
  lengthBytes(index: number): number {
    return this.#view.getUint32(index * HEADER_BYTES + TRANSFERRED_AT, true)
  }

  /** Who sent it: the address as a number. */
  address(index: number): number {
    return this.#names.getUint32(index * NAME_BYTES + 4)
  }

  /** Who sent it: the port. */
  port(index: number): number {
    return this.#names.getUint16(index * NAME_BYTES + 2)
  }

  /** Room for a peer again: the kernel writes the length of what it found. */
  reset(index: number): void {
    this.#view.setUint32(index * HEADER_BYTES + NAME_LENGTH_AT, NAME_BYTES, true)
  }
}
