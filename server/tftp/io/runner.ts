import type { Now } from '../../../protocol/log.ts'
import { ackedBlock, decodeAnswer } from '../decode.ts'
import { DATA_HEADER_BYTES, encodeError, encodeOack } from '../encode.ts'
import type { Terms } from '../options.ts'
import type { PacketSource } from '../packet-source.ts'
import { begin, isAbandoned, step } from '../transfer.ts'
import type { TransferAction, TransferEvent, TransferOutcome, TransferState } from '../transfer-state.ts'

/** Datagrams sent before other transfers get their turn. */
const BURST = 16

/** What a transfer needs; `clock` only ever goes forward. */
export type RunnerOptions = {
  readonly terms: Terms
  readonly source: PacketSource
  readonly send: (packet: Uint8Array) => void
  readonly clock: Now
  readonly onEnd: (outcome: TransferOutcome, reason: string | undefined) => void
  /** The rest comes only after a turn of the event loop. */
  readonly needTurn: () => void
  /** A datagram that was not understood, with a fixed reason. */
  readonly onTrouble: (reason: string) => void
}

/** Carries one transfer: feeds datagrams and time to the state machine, and does what it says. */
export class TransferRunner {
  readonly #options: RunnerOptions
  #state: TransferState
  /** Grows with each window begun, so that an older one still being sent stops. */
  #sending = 0

  constructor(options: RunnerOptions) {
    this.#options = options
    const [state, actions] = begin(options.terms, options.clock())
    this.#state = state
    this.#perform(actions)
  }

  /** Whether the client, asking once more, has to be served from the start (see `isAbandoned`). */
  get isAbandoned(): boolean {
    return isAbandoned(this.#state)
  }

  /** Whether the client has answered anything: its address is not a forged one. */
  get isHeard(): boolean {
    return this.#state.heard
  }

  /** Something came from the client. */
  onDatagram(bytes: Uint8Array): void {
    const block = ackedBlock(bytes)
    if (block !== undefined) {
      this.#feed({ kind: 'ack', block, nowMs: this.#options.clock() })
      return
    }
    const answer = decodeAnswer(bytes)
    if (answer.kind === 'dropped') this.#options.onTrouble(answer.reason)
    else if (answer.kind === 'error') this.#feed(answer)
  }

  /** To be called every few ms: sends again what was not answered in time. */
  tick(nowMs: number): void {
    if (this.#state.phase !== 'ended' && nowMs >= this.#state.deadlineMs) this.#feed({ kind: 'timer', nowMs })
  }

  /** The client asked the same again. */
  repeat(): void {
    this.#feed({ kind: 'repeated', nowMs: this.#options.clock() })
  }

  /** Ends the transfer without a word to the client. */
  stop(reason: string): void {
    this.#feed({ kind: 'stopped', reason })
  }

  #feed(event: TransferEvent): void {
    const [state, actions] = step(this.#state, event)
    this.#state = state
    if (actions.length > 0) this.#perform(actions)
  }

  #perform(actions: readonly TransferAction[]): void {
    for (const action of actions) this.#do(action)
  }

  #do(action: TransferAction): void {
    switch (action.kind) {
      case 'send-oack':
        this.#options.send(encodeOack(this.#options.terms.accepted))
        break
      case 'send-error':
        this.#options.send(encodeError(action.code, action.message))
        break
      case 'send-blocks':
        this.#sending += 1
        this.#sendBurst(action.from, action.through, this.#sending)
        break
      case 'end':
        this.#sending += 1
        this.#options.onEnd(action.outcome, action.reason)
        break
    }
  }

  /** Sends what is at hand, at most a burst of it, and comes back for the rest. */
  #sendBurst(from: number, through: number, turn: number): void {
    const { source, send, terms } = this.#options
    const wholeBytes = DATA_HEADER_BYTES + terms.blockSizeBytes
    const end = Math.min(through, from + BURST - 1)
    let next = from
    let last = false
    while (next <= end && !last) {
      const packet = source.packet(next)
      if (packet === undefined) break
      send(packet)
      last = packet.length < wholeBytes
      next += 1
    }
    if (next > from) this.#feed({ kind: 'sent', block: next - 1, last, nowMs: this.#options.clock() })
    if (last || next > through) return
    this.#options.needTurn()
    if (next > end) setImmediate(() => this.#resume(next, through, turn))
    else void this.#load(next, through, turn)
  }

  #resume(from: number, through: number, turn: number): void {
    if (turn === this.#sending) this.#sendBurst(from, through, turn)
  }

  async #load(block: number, through: number, turn: number): Promise<void> {
    try {
      await this.#options.source.load(block)
      this.#resume(block, through, turn)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      if (turn === this.#sending) this.#feed({ kind: 'failed', reason })
    }
  }
}
