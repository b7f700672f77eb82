import type { RunGrant, RunRequest } from '../protocol/admin.ts'
import { GodwitError } from '../protocol/errors.ts'
import type { Log } from '../protocol/log.ts'
import type { RunPlaces, RunVerdict } from './cluster/run-desk.ts'
import type { Wait } from './processes/queue.ts'
import type { Processes } from './processes/service.ts'

/** Longest texts that the agent link carries; of many nodes' reasons the first ones. */
const DETAILS_MAX = 50
const TEXT_MAX_CHARS = 500

/** What placing for doors needs: the ledger, and what only the house knows for a grant. */
export type RunPlacesOptions = {
  readonly processes: Pick<Processes, 'run' | 'refused'>
  readonly caPem: string
  readonly server: RunGrant['server']
  readonly log: Log
}

/** Places what doors ask for, those of nodes and the server's own. */
export function createRunPlaces({ processes, caPem, server, log }: RunPlacesOptions): RunPlaces {
  async function decide(request: RunRequest, wait: Wait): Promise<RunVerdict> {
    try {
      const answer = await processes.run(request, request.now === true ? undefined : wait)
      if (answer.kind === 'granted') return { type: 'run-grant', grant: { ...answer.grant, caPem, server } }
      return noPlace(answer.code, answer.message, answer.details)
    } catch (error) {
      if (wait.signal.aborted) return noPlace('GW_NO_PLACE', 'who asked for it has gone', [])
      log.error({ error: String(error) }, 'a place could not be decided')
      return noPlace(error instanceof GodwitError ? error.code : 'GW_INTERNAL', String(error), [])
    }
  }

  /** Nobody will use it: its memory must not stay promised until its ticket is too old. */
  function takeBack({ process }: RunGrant): void {
    processes.refused(process, 'GW_NODE_REFUSED', 'who asked for it has gone').catch((error: Error) => {
      log.warn({ process, error: error.message }, 'a place nobody wants was not given back')
    })
  }

  return {
    place(request, answer) {
      const leaving = new AbortController()
      const { signal } = leaving
      const wait: Wait = {
        signal,
        onWaiting: ({ message }) => answer({ type: 'run-queued', message: message.slice(0, TEXT_MAX_CHARS) }),
      }
      void decide(request, wait).then(verdict => {
        if (!signal.aborted) answer(verdict)
        else if (verdict.type === 'run-grant') takeBack(verdict.grant)
      })
      return () => leaving.abort(new Error('who asked for it has gone'))
    },
    refused: processes.refused,
  }
}

function noPlace(code: string, message: string, details: readonly string[]): RunVerdict {
  const shortened = details.slice(0, DETAILS_MAX).map(line => line.slice(0, TEXT_MAX_CHARS))
  return { type: 'no-place', code, message: message.slice(0, TEXT_MAX_CHARS), details: shortened }
}
