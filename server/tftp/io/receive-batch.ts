import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { ipv4FromNumber } from '../../../config/values/ipv4.ts'
import type { Libc } from '../../io/native/libc.ts'
import type { OnDatagram } from './datagrams.ts'
import { MessageHeaders } from './message-headers.ts'

/** Datagrams that one call takes. */
const MAX_MESSAGES = 32
/** Longer than anything a client has to say; what is behind it is lost, as in a buffer of any size. */
const MESSAGE_BYTES = 2048
/** An ACK: nearly all that comes. */
const ACK_BYTES = 4
/** Addresses whose text is kept. */
const MAX_ADDRESSES = 1024

/** Datagrams that wait in a socket, taken by one call. */
export class ReceiveBatch {
  readonly #libc: Libc
  readonly #data = new Uint8Array(new ArrayBuffer(MAX_MESSAGES * MESSAGE_BYTES))
  readonly #headers: MessageHeaders
  readonly #acks: readonly Uint8Array[]
  readonly #addresses = new Map<number, Ipv4>()

  constructor(libc: Libc) {
    this.#libc = libc
    this.#headers = new MessageHeaders(libc, MAX_MESSAGES, this.#data)
    for (let index = 0; index < MAX_MESSAGES; index += 1)
      this.#headers.setData(index, index * MESSAGE_BYTES, MESSAGE_BYTES)
    this.#acks = Array.from({ length: MAX_MESSAGES }, (_, index) => this.#octets(index, ACK_BYTES))
  }

  /** Takes what is there, without waiting: how many there were, or the negated errno. */
  receive(descriptor: number, flags: number): number {
    return this.#libc.recvmmsg(descriptor, this.#headers.from(0), MAX_MESSAGES, flags)
  }

  /** Hands over message `index` of the last call. */
  deliver(index: number, onDatagram: OnDatagram): void {
    const lengthBytes = this.#headers.lengthBytes(index)
    const ack = lengthBytes === ACK_BYTES ? this.#acks[index] : undefined
    const from = { address: this.#address(this.#headers.address(index)), port: this.#headers.port(index) }
    this.#headers.reset(index)
    onDatagram(ack ?? this.#octets(index, lengthBytes).slice(), from)
  }

  #octets(index: number, lengthBytes: number): Uint8Array {
    return this.#data.subarray(index * MESSAGE_BYTES, index * MESSAGE_BYTES + lengthBytes)
  }

  #address(number: number): Ipv4 {
    const known = this.#addresses.get(number)
    if (known !== undefined) return known
    if (this.#addresses.size === MAX_ADDRESSES) this.#addresses.clear()
    const text = ipv4FromNumber(number)
    this.#addresses.set(number, text)
    return text
  }
}
