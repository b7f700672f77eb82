import type { RunRequest } from '../../protocol/admin.ts'
import type { RunAnswered, RunAsked, RunGivenUp } from '../../protocol/link.ts'
import type { PlaceAnswer } from '../../streams/door-session.ts'
import { placeAnswer } from '../../streams/place-answer.ts'

/** Takes the answers to one question. */
export type OnAnswer = (answer: PlaceAnswer) => void

/** The questions for a place that this node has put to the server and that are still open. */
export type Questions = {
  /** Puts one; the returned function gives it up. */
  ask(request: RunRequest, onAnswer: OnAnswer): () => void
  /** The server answers; `undefined` when it cannot any more. */
  answered(answer: RunAnswered | undefined): void
}

/** No questions yet; `send` brings them to the server. */
export function createQuestions(send: (message: RunAsked | RunGivenUp) => void): Questions {
  const open = new Map<number, OnAnswer>()
  let lastId = 0
  return {
    ask(request, onAnswer) {
      lastId += 1
      const requestId = lastId
      open.set(requestId, onAnswer)
      send({ type: 'run-request', requestId, request })
      return () => {
        if (open.delete(requestId)) send({ type: 'run-cancel', requestId })
      }
    },
    answered(answer) {
      if (answer === undefined) {
        const unanswered = [...open.values()]
        open.clear()
        for (const onAnswer of unanswered) onAnswer(NO_SERVER)
        return
      }
      const onAnswer = open.get(answer.requestId)
      if (answer.type !== 'run-queued') open.delete(answer.requestId)
      onAnswer?.(placeAnswer(answer))
    },
  }
}

const NO_SERVER: PlaceAnswer = {
  kind: 'no-place',
  code: 'GW_SERVER_DOWN',
  message: 'this node is not connected to its server',
  details: [],
}
