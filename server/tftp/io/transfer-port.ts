import type { Now } from '../../../protocol/log.ts'
import { encodeError } from '../encode.ts'
import { ERROR_CODE, OPCODE } from '../packet.ts'
import type { Datagrams } from './datagrams.ts'
import type { Peer } from './udp.ts'

/** After its end a client's late and doubled datagrams are nobody's fault for this long. */
const GONE_MS = 5000
/** Ended transfers remembered; beyond, the oldest is forgotten and its stragglers count as strangers. */
const MAX_GONE = 1024

/** Who gets the datagrams of one client. */
export type Receiver = { readonly peer: Peer; onDatagram(bytes: Uint8Array): void }

/** What a port needs. `mayAnswerStranger` limits ERROR 5, so that nobody can use us to shout at a third party. */
export type TransferPortOptions = {
  readonly clock: Now
  readonly mayAnswerStranger: (address: string) => boolean
  /** A datagram that was not understood, with a fixed reason. */
  readonly onTrouble: (reason: string) => void
}

/**
 * One of our transfer ports with the transfers on it, told apart by the client's address and port: together they are
 * the pair of TIDs of RFC 1350 §4. A few such sockets carry all transfers, so a flood of requests takes none, and
 * answers of many clients are read in one turn.
 */
export class TransferPort {
  readonly port: number
  readonly #datagrams: Datagrams
  readonly #options: TransferPortOptions
  /** By client port, a number already there; several only where two machines chose the same one. */
  readonly #receivers = new Map<number, readonly Receiver[]>()
  /** Clients whose transfer has ended, with the time of it, oldest first. */
  readonly #gone = new Map<string, number>()
  #transfers = 0

  constructor(datagrams: Datagrams, options: TransferPortOptions) {
    this.#datagrams = datagrams
    this.#options = options
    this.port = datagrams.port
  }

  /** Transfers on it. */
  get transfers(): number {
    return this.#transfers
  }

  /** Begins to hear; with `singlePort` the listener hands over what is no request instead. */
  listen(): void {
    this.#datagrams.listen((bytes, from) => this.onDatagram(bytes, from))
  }

  /** Whether a datagram of `peer` here could belong to another transfer than a new one. */
  isUsedBy(peer: Peer): boolean {
    return this.#find(peer) !== undefined || this.#gone.has(`${peer.address}:${peer.port}`)
  }

  /** From now on `receiver` gets what its peer sends. */
  attach(receiver: Receiver): void {
    const others = this.#receivers.get(receiver.peer.port) ?? []
    this.#receivers.set(receiver.peer.port, [...others, receiver])
    this.#transfers += 1
  }

  /** `receiver` gets nothing more. */
  detach(receiver: Receiver): void {
    const { address, port } = receiver.peer
    const others = this.#receivers.get(port)?.filter(other => other !== receiver) ?? []
    if (others.length > 0) this.#receivers.set(port, others)
    else this.#receivers.delete(port)
    this.#transfers -= 1
    this.#remember(`${address}:${port}`)
  }

  /** A datagram that cannot be sent is one that was lost: the client's or the transfer's timer sees to it. */
  send(packet: Uint8Array, to: Peer): void {
    this.#datagrams.send(packet, to)
  }

  /** Hands a datagram to the transfer it belongs to. */
  onDatagram(bytes: Uint8Array, from: Peer): void {
    const receiver = this.#find(from)
    if (receiver !== undefined) receiver.onDatagram(bytes)
    else this.#onStranger(bytes, from)
  }

  /** Resolves when nothing can arrive any more. */
  close(): Promise<void> {
    return this.#datagrams.close()
  }

  #find(peer: Peer): Receiver | undefined {
    const candidates = this.#receivers.get(peer.port)
    if (candidates === undefined) return undefined
    for (const candidate of candidates) if (candidate.peer.address === peer.address) return candidate
    return undefined
  }

  /** RFC 1350 §4: the stranger gets ERROR 5 and the transfer goes on. An ERROR is never answered with an ERROR. */
  #onStranger(bytes: Uint8Array, from: Peer): void {
    const { mayAnswerStranger, onTrouble } = this.#options
    // RFC 768: port 0 means "no reply possible", and Node throws on a send to it.
    if (from.port === 0) onTrouble('from port 0')
    else if (this.#isGone(`${from.address}:${from.port}`)) onTrouble('after the end of its transfer')
    else {
      onTrouble('from a foreign port')
      const isAck = bytes[0] === 0 && bytes[1] === OPCODE.ack
      if (isAck && mayAnswerStranger(from.address))
        this.send(encodeError(ERROR_CODE.unknownTransfer, 'unknown transfer ID'), from)
    }
  }

  #remember(client: string): void {
    const nowMs = this.#options.clock()
    this.#gone.delete(client)
    this.#gone.set(client, nowMs)
    for (const [oldest, atMs] of this.#gone) {
      if (this.#gone.size <= MAX_GONE && nowMs - atMs < GONE_MS) break
      this.#gone.delete(oldest)
    }
  }

  #isGone(client: string): boolean {
    const atMs = this.#gone.get(client)
    return atMs !== undefined && this.#options.clock() - atMs < GONE_MS
  }
}
