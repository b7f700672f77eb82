import type { Socket } from 'node:dgram'
import { constants } from 'node:os'
import { descriptorOf } from '../../io/native/descriptor.ts'
import type { Libc } from '../../io/native/libc.ts'
import type { Datagrams, OnDatagram, OnTrouble } from './datagrams.ts'
import { PlainDatagrams } from './datagrams.ts'
import type { Linger, Lingering } from './linger.ts'
import { ReceiveBatch } from './receive-batch.ts'
import { SendBatch } from './send-batch.ts'
import type { Peer } from './udp.ts'

const { errno } = constants
/** Linux: neither call waits for anything. */
const MSG_DONTWAIT = 0x40
/** What the kernel says when it cannot cut messages: no such option, a NIC without checksums, a smaller path MTU. */
const CANNOT_CUT: ReadonlySet<number> = new Set([
  errno.EIO,
  errno.EINVAL,
  errno.ENOPROTOOPT,
  errno.EOPNOTSUPP,
])
/** The kernel has no room now. */
const NO_ROOM: ReadonlySet<number> = new Set([errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOBUFS])
const NAMES = new Map(Object.entries(errno).map(([name, number]) => [number, name]))
/** Calls that take datagrams before others get their turn; libuv allows itself 32 datagrams. */
const MAX_CALLS = 4

/** How datagrams are to be sent and received in batches; with `linger`, also waited for without the event loop. */
export type Batching = { readonly libc: Libc; readonly linger?: Linger }

/** The datagrams of `socket`: in batches where that is asked and the socket's descriptor can be found, else one by one. */
export function openDatagrams(
  socket: Socket,
  batching: Batching | undefined,
  onTrouble: OnTrouble,
): Datagrams {
  const plain = new PlainDatagrams(socket, onTrouble)
  const descriptor = batching === undefined ? undefined : descriptorOf(socket)
  return batching === undefined || descriptor === undefined
    ? plain
    : new BatchedDatagrams({ plain, descriptor, onTrouble, ...batching })
}

type Parts = {
  readonly plain: PlainDatagrams
  readonly descriptor: number
  readonly onTrouble: OnTrouble
} & Batching

/**
 * The same socket with few calls: Node tells of the first datagram that came, the others are taken together, and what
 * is sent in answer to all of them leaves together (sendmmsg), a window as one message that the kernel cuts (UDP_SEGMENT,
 * Linux 4.18). What the kernel does not take goes the plain way, where Node keeps it until there is room.
 */
class BatchedDatagrams implements Datagrams, Lingering {
  readonly port: number
  readonly #plain: PlainDatagrams
  readonly #descriptor: number
  readonly #onTrouble: OnTrouble
  readonly #out: SendBatch
  readonly #in: ReceiveBatch
  readonly #linger: Linger | undefined
  #onDatagram: OnDatagram = () => undefined
  #mayCut = true
  /** Somebody will flush: the end of a batch received, or the microtask. */
  #willFlush = false
  #isClosed = false

  constructor({ plain, descriptor, libc, linger, onTrouble }: Parts) {
    this.#plain = plain
    this.#descriptor = descriptor
    this.#onTrouble = onTrouble
    this.#out = new SendBatch(libc)
    this.#in = new ReceiveBatch(libc)
    this.#linger = linger
    this.port = plain.port
  }

  get descriptor(): number {
    return this.#isClosed ? -1 : this.#descriptor
  }

  listen(onDatagram: OnDatagram): void {
    this.#onDatagram = onDatagram
    this.#plain.listen((bytes, from) => {
      this.#willFlush = true
      try {
        onDatagram(bytes, from)
        // Who came alone, as a loader far away does with each block, is not kept waiting while we look for others.
        if (this.#out.length > 0) this.#sendAll()
        for (let call = 0; call < MAX_CALLS && this.#takeBatch() > 0; call += 1)
          this.#linger?.serveOthers(this)
      } finally {
        this.#flush()
      }
      this.#linger?.after(this)
    })
  }

  takeWaiting(): number {
    this.#willFlush = true
    try {
      return this.#takeBatch()
    } finally {
      this.#flush()
    }
  }

  send(packet: Uint8Array, to: Peer): void {
    if (this.#isClosed) return
    if (!this.#out.add(packet, to, this.#mayCut)) {
      this.#sendAll()
      // What is longer than a whole batch is no datagram either: the plain way says so.
      if (!this.#out.add(packet, to, this.#mayCut)) this.#plain.send(packet, to)
    }
    if (this.#willFlush) return
    this.#willFlush = true
    this.#linger?.needTurn()
    queueMicrotask(() => this.#flush())
  }

  close(): Promise<void> {
    this.#flush()
    this.#isClosed = true
    return this.#plain.close()
  }

  /** What comes in while we answer is taken too: to be called by Node for it would cost more than the answer. */
  #takeBatch(): number {
    if (this.#isClosed) return 0
    const received = this.#in.receive(this.#descriptor, MSG_DONTWAIT)
    for (let index = 0; index < received && !this.#isClosed; index += 1)
      this.#in.deliver(index, this.#onDatagram)
    if (this.#out.length > 0) this.#sendAll()
    return received
  }

  #flush(): void {
    this.#willFlush = false
    if (this.#out.length > 0 && !this.#isClosed) this.#sendAll()
  }

  #sendAll(): void {
    this.#out.seal()
    let done = 0
    while (done < this.#out.length) {
      // What waits in Node is older.
      const isBehind = this.#plain.waiting > 0
      const result = isBehind ? -errno.EAGAIN : this.#out.send(this.#descriptor, done, MSG_DONTWAIT)
      done += result > 0 ? result : this.#refused(done, -result)
    }
    this.#out.clear()
  }

  /** Does what can be done for message `index`, which the kernel did not take; how many messages are done with. */
  #refused(index: number, error: number): number {
    if (error === errno.EINTR) return 0
    const isUncut = this.#out.isCut(index) && CANNOT_CUT.has(error)
    if (isUncut) this.#mayCut = false
    if (isUncut || NO_ROOM.has(error))
      this.#out.forEachDatagram(index, (packet, to) => this.#plain.send(packet, to))
    else this.#onTrouble(`not sent: ${NAMES.get(error) ?? error}`)
    return 1
  }
}
