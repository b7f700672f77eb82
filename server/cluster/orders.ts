import { type ErrorCode, GodwitError } from '../../protocol/errors.ts'
import type { Answer, Kill, OutputWanted } from '../../protocol/link.ts'
import type { After } from '../store/expiry-timer.ts'
import type { Connection } from './connection.ts'

/** An agent answers at once, or when the time that it was given to wait is over; so long after that, it cannot. */
const ANSWER_TIMEOUT_MS = 5000

type WithoutNumber<T> = T extends unknown ? Omit<T, 'requestId'> : never
/** What an agent is told to do, and answers. */
export type Order = WithoutNumber<Kill | OutputWanted>

/** What to make of an agent's "no", and how long it may take beyond the usual. */
export type OrderOptions = { readonly refusedAs: ErrorCode; readonly waitMs?: number }

type Pending = {
  readonly connection: Connection
  readonly refusedAs: ErrorCode
  readonly settle: (outcome: Answer | GodwitError) => void
}

/** Orders on their way to agents, each waiting for its answer. */
export class Orders {
  readonly #after: After
  readonly #pending = new Map<number, Pending>()
  #lastRequestId = 0

  constructor(after: After) {
    this.#after = after
  }

  /** Sends the order; rejects with `refusedAs` (and the agent's reason) or GW_NODE_OFFLINE. */
  send(connection: Connection, order: Order, { refusedAs, waitMs = 0 }: OrderOptions): Promise<Answer> {
    const requestId = ++this.#lastRequestId
    const timeoutMs = waitMs + ANSWER_TIMEOUT_MS
    return new Promise((resolve, reject) => {
      const settle = (outcome: Answer | GodwitError) => {
        cancel()
        this.#pending.delete(requestId)
        if (outcome instanceof GodwitError) reject(outcome)
        else resolve(outcome)
      }
      const late = new GodwitError('GW_NODE_OFFLINE', `the node did not answer within ${timeoutMs} ms`)
      const cancel = this.#after(timeoutMs, () => settle(late))
      this.#pending.set(requestId, { connection, refusedAs, settle })
      connection.send({ ...order, requestId })
    })
  }

  /** Takes an agent's answer; one from another connection than was asked is not listened to. */
  answer(connection: Connection, answer: Answer): void {
    const pending = this.#pending.get(answer.requestId)
    if (pending?.connection !== connection) return
    const { error } = answer
    pending.settle(error === undefined ? answer : new GodwitError(pending.refusedAs, error))
  }

  /** Ends the orders that wait on a connection that is gone. */
  drop(connection: Connection): void {
    const gone = new GodwitError('GW_NODE_OFFLINE', 'the node went away before it answered')
    for (const pending of [...this.#pending.values()])
      if (pending.connection === connection) pending.settle(gone)
  }
}
