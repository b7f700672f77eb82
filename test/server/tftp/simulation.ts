import { wireBlock } from '../../../server/tftp/block-number.ts'
import { decodeAnswer } from '../../../server/tftp/decode.ts'
import { encodeData } from '../../../server/tftp/encode.ts'
import type { Terms } from '../../../server/tftp/options.ts'
import { begin, step } from '../../../server/tftp/transfer.ts'
import type { TransferAction, TransferEvent, TransferOutcome } from '../../../server/tftp/transfer-state.ts'

/** A bad network whose every throw of the dice follows from `seed`. */
export type Network = {
  readonly seed: number
  readonly lossRate: number
  readonly duplicateRate: number
  /** Each datagram takes up to this long, so datagrams overtake each other. */
  readonly maxDelayMs: number
  /** Fairness: the same datagram is lost at most this often. */
  readonly maxLossesOfOne: number
}

/** How the client deals with trouble. */
export type ClientHabits = {
  /** EDK2: one ACK for every out-of-order block. Otherwise one for each gap (RFC 7440 §4). */
  readonly acksEveryStray: boolean
  /** iPXE: deaf as soon as the last ACK is out. */
  readonly leavesAtEnd: boolean
  readonly timeoutMs: number
}

/** What came of it. */
export type SimulationResult = {
  readonly received: Uint8Array
  readonly isFinished: boolean
  readonly outcome: TransferOutcome
  readonly reason: string | undefined
  readonly dataPackets: number
  readonly elapsedMs: number
}

/** Runs one transfer of `content` between the real state machine and a client of its own over a simulated network. */
export function simulate(
  content: Uint8Array,
  terms: Terms,
  network: Network,
  habits: ClientHabits,
): SimulationResult {
  const clock = new Clock()
  const random = mulberry32(network.seed)
  const losses = new Map<string, number>()
  const carry = (key: string, deliver: () => void): void => {
    const lost = losses.get(key) ?? 0
    if (lost < network.maxLossesOfOne && random() < network.lossRate) losses.set(key, lost + 1)
    else {
      clock.after(random() * network.maxDelayMs, deliver)
      if (random() < network.duplicateRate) clock.after(random() * network.maxDelayMs, deliver)
    }
  }
  const client = new Client(terms, habits, clock, ack => carry(`ack ${ack}`, () => server.onDatagram(ack)))
  const server = new Server(content, terms, clock, (key, packet) =>
    carry(key, () => client.onDatagram(packet)),
  )
  server.begin()
  clock.run()
  return {
    received: client.file(),
    isFinished: client.isFinished,
    outcome: server.outcome,
    reason: server.reason,
    dataPackets: server.dataPackets,
    elapsedMs: clock.nowMs,
  }
}

type SendToClient = (key: string, packet: Uint8Array | 'oack') => void

/** The server's side as io/runner.ts does it: blocks leave one after another, a newer window stops an older one. */
class Server {
  outcome: TransferOutcome = 'aborted'
  reason: string | undefined = 'still running'
  dataPackets = 0
  readonly #content: Uint8Array
  readonly #terms: Terms
  readonly #clock: Clock
  readonly #send: SendToClient
  #state: ReturnType<typeof begin>[0]
  readonly #first: readonly TransferAction[]
  #turn = 0

  constructor(content: Uint8Array, terms: Terms, clock: Clock, send: SendToClient) {
    this.#content = content
    this.#terms = terms
    this.#clock = clock
    this.#send = send
    ;[this.#state, this.#first] = begin(terms, 0)
  }

  begin(): void {
    for (const action of this.#first) this.#do(action)
    this.#arm(this.#state.deadlineMs)
  }

  onDatagram(ack: number): void {
    const answer = decodeAnswer(Uint8Array.of(0, 4, ack >>> 8, ack & 0xff))
    if (answer.kind === 'ack') this.#feed({ ...answer, nowMs: this.#clock.nowMs })
  }

  #feed(event: TransferEvent): void {
    const [state, actions] = step(this.#state, event)
    this.#state = state
    for (const action of actions) this.#do(action)
    if (state.phase !== 'ended') this.#arm(state.deadlineMs - this.#clock.nowMs)
  }

  #do(action: TransferAction): void {
    if (action.kind === 'send-oack') this.#send('oack', 'oack')
    if (action.kind === 'send-blocks') this.#sendBlocks(++this.#turn, action.from, action.through)
    if (action.kind === 'end') {
      this.#clock.disarm('server')
      this.#turn += 1
      this.outcome = action.outcome
      this.reason = action.reason
    }
  }

  #arm(afterMs: number): void {
    this.#clock.arm('server', afterMs, () => this.#feed({ kind: 'timer', nowMs: this.#clock.nowMs }))
  }

  #sendBlocks(turn: number, block: number, through: number): void {
    if (turn !== this.#turn) return
    const start = (block - 1) * this.#terms.blockSizeBytes
    const data = this.#content.subarray(start, start + this.#terms.blockSizeBytes)
    this.dataPackets += 1
    this.#send(`data ${block}`, encodeData(block, data, this.#terms.rollover))
    const last = data.length < this.#terms.blockSizeBytes
    this.#feed({ kind: 'sent', block, last, nowMs: this.#clock.nowMs })
    if (!last && block < through) this.#clock.after(0.05, () => this.#sendBlocks(turn, block + 1, through))
  }
}

/** A client written from RFC 7440 and 1350 alone: takes blocks in order, answers each window, a gap and a silence. */
class Client {
  isFinished = false
  readonly #parts: Uint8Array[] = []
  readonly #terms: Terms
  readonly #habits: ClientHabits
  readonly #clock: Clock
  readonly #sendAck: (block: number) => void
  #inWindow = 0
  #strayAnswered = false

  constructor(terms: Terms, habits: ClientHabits, clock: Clock, sendAck: (block: number) => void) {
    this.#terms = terms
    this.#habits = habits
    this.#clock = clock
    this.#sendAck = sendAck
  }

  file(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#parts))
  }

  onDatagram(packet: Uint8Array | 'oack'): void {
    if (this.isFinished && this.#habits.leavesAtEnd) return
    if (packet === 'oack') {
      if (this.#parts.length === 0) this.#ack()
    } else this.#onData(Buffer.from(packet).readUInt16BE(2), packet.slice(4))
  }

  #onData(block: number, data: Uint8Array): void {
    if (block !== wireBlock(this.#parts.length + 1, this.#terms.rollover) || this.isFinished) {
      this.#onStray()
      return
    }
    this.#parts.push(data)
    this.#strayAnswered = false
    this.#inWindow += 1
    this.isFinished = data.length < this.#terms.blockSizeBytes
    if (this.isFinished || this.#inWindow === this.#terms.windowSize) this.#ack()
    else this.#arm()
  }

  #onStray(): void {
    // At the end it "dallies" (RFC 1350 §6): each repetition of the last block means its ACK was lost.
    if (this.#strayAnswered && !this.#habits.acksEveryStray && !this.isFinished) return
    this.#strayAnswered = true
    this.#ack()
  }

  #ack(): void {
    this.#inWindow = 0
    this.#sendAck(wireBlock(this.#parts.length, this.#terms.rollover))
    this.#arm()
  }

  /** Asks again ten times at most; then somebody switched the machine off. */
  #arm(tries = 10): void {
    this.#clock.disarm('client')
    if (this.isFinished || tries === 0) return
    this.#clock.arm('client', this.#habits.timeoutMs, () => {
      this.#inWindow = 0
      this.#sendAck(wireBlock(this.#parts.length, this.#terms.rollover))
      this.#arm(tries - 1)
    })
  }
}

type Happening = { readonly atMs: number; readonly run: () => void }

/** Virtual time: things happen in the order of their time, then of their planning. */
class Clock {
  nowMs = 0
  readonly #queue: Happening[] = []
  /** One timer for each side, apart from the queue: nearly every one is replaced before it runs out. */
  readonly #timers = new Map<'server' | 'client', Happening>()

  arm(side: 'server' | 'client', delayMs: number, run: () => void): void {
    this.#timers.set(side, { atMs: this.nowMs + delayMs, run })
  }

  disarm(side: 'server' | 'client'): void {
    this.#timers.delete(side)
  }

  after(delayMs: number, run: () => void): void {
    const atMs = this.nowMs + delayMs
    const place = this.#queue.findLastIndex(planned => planned.atMs > atMs) + 1
    this.#queue.splice(place, 0, { atMs, run })
  }

  run(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.nowMs = next.atMs
      next.run()
    }
  }

  #next(): Happening | undefined {
    const planned = this.#queue.at(-1)
    const [side, timer] = [...this.#timers].sort(([, a], [, b]) => a.atMs - b.atMs)[0] ?? []
    if (side === undefined || (planned && planned.atMs <= (timer?.atMs ?? 0))) return this.#queue.pop()
    this.#timers.delete(side)
    return timer
  }
}

/** Tommy Ettinger's 32-bit generator: good enough dice, the same on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
