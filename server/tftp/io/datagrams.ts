import type { Socket } from 'node:dgram'
import type { Peer } from './udp.ts'

/** Gets a datagram. `bytes` may be used until it returns, not after: their memory is used again. */
export type OnDatagram = (bytes: Uint8Array, from: Peer) => void

/** Datagrams in and out of one bound socket. */
export type Datagrams = {
  readonly port: number
  /** Begins to hear. */
  listen(onDatagram: OnDatagram): void
  /** What cannot be sent is lost and counted; never throws. Datagrams to one peer leave in order. */
  send(packet: Uint8Array, to: Peer): void
  /** Resolves when nothing can arrive any more. */
  close(): Promise<void>
}

/** Hears of each datagram that was not sent, with a fixed reason. */
export type OnTrouble = (reason: string) => void

/** Octets that may wait in Node for a kernel that takes nothing: what comes on top is lost, as on a full link. */
const MAX_WAITING_BYTES = 8 << 20

/** The socket as Node has it: a call for each datagram. */
export class PlainDatagrams implements Datagrams {
  readonly port: number
  readonly #socket: Socket
  readonly #onTrouble: OnTrouble
  readonly #onSent: (error: Error | null) => void
  #isClosed = false

  constructor(socket: Socket, onTrouble: OnTrouble) {
    this.#socket = socket
    this.#onTrouble = onTrouble
    this.port = socket.address().port
    this.#onSent = error => {
      if (error !== null) onTrouble(`not sent: ${'code' in error ? error.code : error.message}`)
    }
    socket.on('error', () => onTrouble('socket error'))
  }

  /** Datagrams that wait in Node because the kernel had no room. */
  get waiting(): number {
    return this.#socket.getSendQueueCount()
  }

  listen(onDatagram: OnDatagram): void {
    this.#socket.on('message', onDatagram)
  }

  send(packet: Uint8Array, to: Peer): void {
    if (this.#isClosed) return
    if (this.waiting > 0 && this.#socket.getSendQueueSize() > MAX_WAITING_BYTES)
      this.#onTrouble('not sent: queue full')
    else this.#socket.send(packet, to.port, to.address, this.#onSent)
  }

  close(): Promise<void> {
    this.#isClosed = true
    return new Promise(resolve => this.#socket.close(() => resolve()))
  }
}
