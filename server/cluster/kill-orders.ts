import type { ProcessId } from '../../config/values/node-id.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { After } from '../store/expiry-timer.ts'
import type { Connection } from './connection.ts'

/** An agent answers at once; this long without an answer means it cannot. */
const ANSWER_TIMEOUT_MS = 5000

/** The signal (its name) that a process is to get. */
export type KillOrder = { readonly id: ProcessId; readonly signal: string }

type Pending = { readonly connection: Connection; readonly settle: (error?: GodwitError) => void }

/** Kill orders on their way to agents, each waiting for its answer. */
export class KillOrders {
  readonly #after: After
  readonly #pending = new Map<number, Pending>()
  #lastRequestId = 0

  constructor(after: After) {
    this.#after = after
  }

  /** Sends the order; rejects with GW_NODE_REFUSED (the agent's reason) or GW_NODE_OFFLINE. */
  send(connection: Connection, { id, signal }: KillOrder): Promise<void> {
    const requestId = ++this.#lastRequestId
    return new Promise((resolve, reject) => {
      const settle = (error?: GodwitError) => {
        cancel()
        this.#pending.delete(requestId)
        if (error === undefined) resolve()
        else reject(error)
      }
      const late = new GodwitError(
        'GW_NODE_OFFLINE',
        `the node did not answer within ${ANSWER_TIMEOUT_MS} ms`,
      )
      const cancel = this.#after(ANSWER_TIMEOUT_MS, () => settle(late))
      this.#pending.set(requestId, { connection, settle })
      connection.send({ type: 'kill', requestId, id, signal })
    })
  }

  /** Takes an agent's answer; one from another connection than was asked is not listened to. */
  answer(connection: Connection, requestId: number, error: string | undefined): void {
    const pending = this.#pending.get(requestId)
    if (pending?.connection !== connection) return
    pending.settle(error === undefined ? undefined : new GodwitError('GW_NODE_REFUSED', error))
  }

  /** Ends the orders that wait on a connection that is gone. */
  drop(connection: Connection): void {
    const gone = new GodwitError('GW_NODE_OFFLINE', 'the node went away before it answered')
    for (const pending of [...this.#pending.values()])
      if (pending.connection === connection) pending.settle(gone)
  }
}
