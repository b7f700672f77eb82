import type { RunAnswered } from '../protocol/link.ts'
import type { PlaceAnswer } from './door-session.ts'

type WithoutId<T> = T extends unknown ? Omit<T, 'requestId'> : never

/** The server's verdict on a run as a door takes it, whether it came over the agent link or from placement itself. */
export function placeAnswer(verdict: WithoutId<RunAnswered>): PlaceAnswer {
  switch (verdict.type) {
    case 'run-grant':
      return { kind: 'grant', grant: verdict.grant }
    case 'run-queued':
      return { kind: 'waiting', message: verdict.message }
    case 'run-home':
      return { kind: 'home', reason: verdict.reason }
    case 'no-place': {
      const { code, message, details } = verdict
      return { kind: 'no-place', code, message, details }
    }
  }
}
