import type { ProcessId } from '../../config/values/node-id.ts'
import type { RunRequest } from '../../protocol/admin.ts'
import type { RunAnswered, RunAsked } from '../../protocol/link.ts'
import type { Connection } from './connection.ts'

/** An answer without the question's number. */
type WithoutId<T> = T extends unknown ? Omit<T, 'requestId'> : never
/** What becomes of a question for a place. */
export type RunVerdict = WithoutId<RunAnswered>

/** Whoever places processes. */
export type RunPlaces = {
  /** Tells every answer until the last, `run-queued` included; the returned function gives the question up. */
  place(request: RunRequest, answer: (verdict: RunVerdict) => void): () => void
  refused(id: ProcessId, code: string, message: string): Promise<void>
}

/** The questions for a place that nodes have put. */
export class RunDesk {
  readonly #open = new Map<Connection, Map<number, () => void>>()
  #places: RunPlaces | undefined

  /** From now on `places` answers; a question before that stays without an answer, as to a server that is not there. */
  serve(places: RunPlaces): void {
    this.#places = places
  }

  ask(connection: Connection, { requestId, request }: RunAsked): void {
    const questions = this.#open.get(connection) ?? new Map<number, () => void>()
    this.#open.set(connection, questions)
    let isAnswered = false
    const giveUp = this.#places?.place(request, verdict => {
      if (verdict.type !== 'run-queued') {
        isAnswered = true
        questions.delete(requestId)
      }
      connection.send({ ...verdict, requestId })
    })
    if (giveUp !== undefined && !isAnswered) questions.set(requestId, giveUp)
  }

  /** Who asked has gone. */
  cancel(connection: Connection, requestId: number): void {
    const questions = this.#open.get(connection)
    questions?.get(requestId)?.()
    questions?.delete(requestId)
  }

  async refused(id: ProcessId, code: string, message: string): Promise<void> {
    await this.#places?.refused(id, code, message)
  }

  /** Gives up the questions of a connection that is gone. */
  drop(connection: Connection): void {
    for (const giveUp of this.#open.get(connection)?.values() ?? []) giveUp()
    this.#open.delete(connection)
  }
}
