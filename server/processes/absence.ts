import type { ProcessId } from '../../config/values/node-id.ts'
import type { ProcessRecord } from '../../protocol/process.ts'
import { TICKET_LIFE_MS } from './ticket.ts'

/** Reports in a row that must lack a running process; the first may have crossed with its end. */
const REPORTS_BEFORE_LOST = 2
/** Time beyond a ticket's life before an unused one is written off, for clocks and slow starts. */
const UNUSED_MARGIN_MS = 30_000

/** What a report says by leaving processes out. `misses` counts, per process, reports in a row without it. */
export type Absence = {
  readonly misses: ReadonlyMap<ProcessId, number>
  readonly lost: readonly ProcessId[]
  readonly unused: readonly ProcessId[]
}

/**
 * Compares what should be on a node (`active`, all of the boot that reports) with what it reports. A running process
 * missing twice in a row is lost; a placed one that never came is unused once its ticket cannot be used any more.
 */
export function judgeAbsence(
  active: readonly ProcessRecord[],
  reported: ReadonlySet<ProcessId>,
  misses: ReadonlyMap<ProcessId, number>,
  nowMs: number,
): Absence {
  const absent = active.filter(({ id }) => !reported.has(id))
  const running = absent.filter(({ state }) => state === 'running')
  const counted = new Map(running.map(({ id }) => [id, (misses.get(id) ?? 0) + 1]))
  const isOver = ({ placedAtMs }: ProcessRecord) => nowMs - placedAtMs > TICKET_LIFE_MS + UNUSED_MARGIN_MS
  return {
    misses: counted,
    lost: [...counted].flatMap(([id, count]) => (count >= REPORTS_BEFORE_LOST ? [id] : [])),
    unused: absent.filter(record => record.state === 'placed' && isOver(record)).map(({ id }) => id),
  }
}
