import type { HistoryView } from '../../protocol/history.ts'
import { type History, MEMORY_QUANTILE, oomRaise, type Run, runWeight, THREADS_QUANTILE } from './history.ts'
import { Sample } from './sample.ts'

/** A quantile over all recent runs that tell the figure, whatever they announced. */
function overall(
  window: readonly Run[],
  figure: 'threads' | 'bytes' | 'lifeMs',
  share: number,
): number | null {
  const sample = new Sample()
  for (const run of window) {
    const value = run[figure]
    if (value !== null) sample.add(value, runWeight(run))
  }
  return sample.quantile(share) ?? null
}

/** A history for people, at `nowMs`. */
export function viewOf(history: History, nowMs: number): HistoryView {
  const { key, runs, ooms, lastSeenMs, window } = history
  return {
    key,
    runs,
    threads: overall(window, 'threads', THREADS_QUANTILE),
    memoryBytes: overall(window, 'bytes', MEMORY_QUANTILE),
    lifeMs: overall(window, 'lifeMs', 0.5),
    lastSeenMs,
    ooms,
    oomRaise: oomRaise(history, nowMs),
  }
}
