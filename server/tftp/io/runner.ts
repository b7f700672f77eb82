import type { RemoteInfo, Socket } from 'node:dgram'
import { setImmediate as yieldToLoop } from 'node:timers/promises'
import type { Now } from '../../../protocol/log.ts'
import type { BlockReader } from '../blocks.ts'
import { decodeAnswer } from '../decode.ts'
import { encodeData, encodeError, encodeOack } from '../encode.ts'
import type { Terms } from '../options.ts'
import type { DecodedAnswer } from '../packet.ts'
import { ERROR_CODE } from '../packet.ts'
import type { TransferAction, TransferEvent, TransferOutcome, TransferState } from '../transfer.ts'
import { begin, isAbandoned, step } from '../transfer.ts'

/** Datagrams sent before other transfers get their turn. */
const BURST = 8

/** Where the client listens: address and transfer port (its TID, RFC 1350 §4). */
export type Peer = { readonly address: string; readonly port: number }

/** What a transfer needs. `mayAnswerStranger` limits ERROR 5, so that nobody can use us to shout at a third party. */
export type RunnerOptions = {
  readonly socket: Socket
  readonly peer: Peer
  readonly terms: Terms
  readonly readBlock: BlockReader
  readonly now: Now
  readonly mayAnswerStranger: (address: string) => boolean
  readonly onEnd: (outcome: TransferOutcome, reason: string | undefined) => void
  /** A datagram that was not sent or not understood, with a fixed reason. */
  readonly onTrouble: (reason: string) => void
}

/** Carries one transfer: feeds datagrams and timer to the state machine, and does what it says, on its own socket. */
export class TransferRunner {
  readonly #options: RunnerOptions
  #state: TransferState
  #timer: NodeJS.Timeout | undefined
  /** Grows with each window begun, so that an older one still being sent stops. */
  #sending = 0

  constructor(options: RunnerOptions) {
    this.#options = options
    options.socket.on('message', (bytes, from) => this.#onMessage(bytes, from))
    options.socket.on('error', () => options.onTrouble('socket error'))
    const [state, actions] = begin(options.terms, options.now())
    this.#state = state
    this.#perform(actions)
  }

  /** Whether the client, asking once more, has to be served from the start (see `isAbandoned`). */
  get isAbandoned(): boolean {
    return isAbandoned(this.#state)
  }

  /** The client asked the same again. */
  repeat(): void {
    this.#feed({ kind: 'repeated', nowMs: this.#options.now() })
  }

  /** Ends the transfer without a word to the client. */
  stop(reason: string): void {
    this.#feed({ kind: 'stopped', reason })
  }

  #onMessage(bytes: Uint8Array, from: RemoteInfo): void {
    const { peer, onTrouble, now } = this.#options
    const answer = decodeAnswer(bytes)
    // RFC 768: port 0 means "no reply possible", and Node throws on a send to it.
    if (from.port === 0) onTrouble('from port 0')
    else if (from.address !== peer.address || from.port !== peer.port) this.#answerStranger(answer, from)
    else if (answer.kind === 'dropped') onTrouble(answer.reason)
    else if (answer.kind === 'ack') this.#feed({ ...answer, nowMs: now() })
    else this.#feed(answer)
  }

  /** RFC 1350 §4: the stranger gets ERROR 5 and the transfer goes on. An ERROR is never answered with an ERROR. */
  #answerStranger(answer: DecodedAnswer, from: RemoteInfo): void {
    const { mayAnswerStranger, onTrouble } = this.#options
    onTrouble('from a foreign port')
    if (answer.kind === 'ack' && mayAnswerStranger(from.address))
      this.#send(encodeError(ERROR_CODE.unknownTransfer, 'unknown transfer ID'), from)
  }

  #feed(event: TransferEvent): void {
    const [state, actions] = step(this.#state, event)
    this.#state = state
    this.#perform(actions)
  }

  #perform(actions: readonly TransferAction[]): void {
    for (const action of actions) this.#do(action)
  }

  #do(action: TransferAction): void {
    switch (action.kind) {
      case 'send-oack':
        this.#send(encodeOack(this.#options.terms.accepted))
        break
      case 'send-error':
        this.#send(encodeError(action.code, action.message))
        break
      case 'send-blocks':
        void this.#sendBlocks(action.from, action.through)
        break
      case 'arm':
        this.#arm(action.afterMs)
        break
      case 'end':
        this.#end(action.outcome, action.reason)
        break
    }
  }

  #arm(afterMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#feed({ kind: 'timer', nowMs: this.#options.now() }), afterMs)
  }

  async #sendBlocks(from: number, through: number): Promise<void> {
    const turn = ++this.#sending
    const { readBlock, terms, now } = this.#options
    try {
      for (let block = from; block <= through; block++) {
        const data = await readBlock(block)
        if (turn !== this.#sending) return
        this.#send(encodeData(block, data))
        const last = data.length < terms.blockSizeBytes
        this.#feed({ kind: 'sent', block, last, nowMs: now() })
        if (last) return
        if ((block - from) % BURST === BURST - 1) await yieldToLoop()
        if (turn !== this.#sending) return
      }
    } catch (error) {
      this.#feed({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
    }
  }

  /** A datagram that cannot be sent is one that was lost: the timer sees to it. */
  #send(packet: Uint8Array, to: Peer = this.#options.peer): void {
    this.#options.socket.send(packet, to.port, to.address, error => {
      if (error) this.#options.onTrouble('send failed')
    })
  }

  #end(outcome: TransferOutcome, reason: string | undefined): void {
    clearTimeout(this.#timer)
    this.#sending += 1
    // A farewell ERROR is still in the socket's queue: close only when it has left.
    setImmediate(() => this.#options.socket.close())
    this.#options.onEnd(outcome, reason)
  }
}
