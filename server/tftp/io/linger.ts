import type { Libc } from '../../io/native/libc.ts'
import { loopDescriptor } from '../../io/native/loop-descriptor.ts'
import { holdShortSlice } from '../../io/native/time-slice.ts'

/**
 * Answers are given for so long before the event loop has a turn, which alone knows of timers and of what was put off;
 * the last wait for one may take as long again.
 */
const LINGER_MS = 6
/** A socket that was silent for longer is left to the event loop: to wait for each costs a little. */
const RECENT_MS = 50
/** Datagrams at once from one socket that show how busy we are: then to come late, to more of them, is less work. */
const MANY = 16
/** `struct pollfd`: descriptor, what is waited for, what has come. */
const ENTRY_BYTES = 8
const AWAITED_AT = 4
const READY_AT = 6
const POLLIN = 1
/** Sockets waited for at once, beside the event loop. */
const MAX_SOCKETS = 8

/** A socket that can be waited for. */
export type Lingering = {
  /** Negative once it is closed: then nothing comes. */
  readonly descriptor: number
  /** Takes what has come and answers it: how many datagrams there were. */
  takeWaiting(): number
}

/** What time it is, and how long the event loop has waited in all; both in ms, and neither ever set back. */
export type LoopClock = { nowMs(): number; idleMs(): number }

const SYSTEM: LoopClock = { nowMs: () => performance.now(), idleMs: () => performance.nodeTiming.idleTime }

/**
 * Waits for the next datagram itself where the event loop would do nothing else: a lone ACK answered by way of the
 * loop costs four more calls of the kernel and as much time again as its answer. It waits on the loop's own descriptor,
 * too, and goes back as soon as anything else is there. Meanwhile the thread runs in short turns, so that it answers before
 * others get on with what they do.
 */
export class Linger {
  readonly #libc: Libc
  readonly #clock: LoopClock
  readonly #entries = new Uint8Array(ENTRY_BYTES * (1 + MAX_SOCKETS))
  readonly #view = new DataView(this.#entries.buffer)
  /** When each was last handed to us by the event loop, or heard by ourselves. */
  readonly #heardAtMs = new Map<Lingering, number>()
  #sockets: readonly Lingering[] = []
  /** The event loop's descriptor; false before it was looked for. */
  #loop: number | undefined | false = false
  #idleMs = 0
  #isTurnNeeded = false
  #isExpecting = false
  #releaseSlice: (() => void) | undefined

  constructor(libc: Libc, clock: LoopClock = SYSTEM) {
    this.#libc = libc
    this.#clock = clock
  }

  /** Something goes on only after a turn of the event loop: a promise, a file, what was put off. */
  needTurn(): void {
    this.#isTurnNeeded = true
  }

  /** Datagrams are expected from now on; before, what comes is nobody's. */
  begin(): void {
    this.#isExpecting = true
  }

  /** Nothing is expected any more. */
  rest(): void {
    this.#isExpecting = false
    this.#endHurry()
  }

  /** To be called when the event loop had a datagram of `socket` and it is answered: waits for more, where that is right. */
  after(socket: Lingering): void {
    if (!this.#isExpecting) return
    this.#heardAtMs.set(socket, this.#clock.nowMs())
    if (this.#hasLoopIdled() && !this.#isTurnNeeded) this.#linger(socket)
    this.#isTurnNeeded = false
  }

  /**
   * Lets the other sockets have what has come for them: while one has always more, the event loop stays with it for a
   * hundred batches, and a transfer that is on another socket would wait so long for each of its blocks.
   */
  serveOthers(busy: Lingering): void {
    const nowMs = this.#clock.nowMs()
    this.#forgetSilent(nowMs)
    for (const socket of this.#heardAtMs.keys())
      if (socket !== busy && socket.takeWaiting() > 0) this.#heardAtMs.set(socket, nowMs)
  }

  /** A loop that came here without having waited has other things to do. */
  #hasLoopIdled(): boolean {
    const beforeMs = this.#idleMs
    this.#idleMs = this.#clock.idleMs()
    return this.#idleMs > beforeMs
  }

  #linger(socket: Lingering): void {
    if (this.#loop === false) this.#loop = loopDescriptor(socket.descriptor)
    if (this.#loop === undefined) return
    this.#releaseSlice ??= holdShortSlice(this.#libc)
    const startedAtMs = this.#clock.nowMs()
    this.#choose(startedAtMs)
    this.#await(0, this.#loop)
    for (const [index, { descriptor }] of this.#sockets.entries()) this.#await(index + 1, descriptor)
    for (let nowMs = startedAtMs; nowMs - startedAtMs < LINGER_MS; nowMs = this.#clock.nowMs())
      if (!this.#wait(nowMs) || this.#isTurnNeeded) return
  }

  #forgetSilent(nowMs: number): void {
    for (const [socket, heardAtMs] of this.#heardAtMs)
      if (nowMs - heardAtMs > RECENT_MS) this.#heardAtMs.delete(socket)
  }

  #choose(nowMs: number): void {
    this.#forgetSilent(nowMs)
    this.#sockets = [...this.#heardAtMs.keys()].slice(0, MAX_SOCKETS)
  }

  #await(index: number, descriptor: number): void {
    this.#view.setInt32(index * ENTRY_BYTES, descriptor, true)
    this.#view.setInt16(index * ENTRY_BYTES + AWAITED_AT, POLLIN, true)
  }

  /** Whether something came, it was for us, and there may be more that way. */
  #wait(nowMs: number): boolean {
    if (this.#libc.poll(this.#entries, this.#sockets.length + 1, LINGER_MS) <= 0) return false
    let most = 0
    let at = READY_AT
    for (const socket of this.#sockets) {
      at += ENTRY_BYTES
      if ((this.#view.getInt16(at, true) & POLLIN) === 0) continue
      this.#heardAtMs.set(socket, nowMs)
      most = Math.max(most, socket.takeWaiting())
    }
    if (most > MANY) this.#endHurry()
    return most > 0 && most <= MANY
  }

  /** The thread's turns are the usual ones again. */
  #endHurry(): void {
    this.#releaseSlice?.()
    this.#releaseSlice = undefined
  }
}
