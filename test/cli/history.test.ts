import { describe, expect, it } from 'vitest'
import { historyTable } from '../../cli/commands/history.ts'
import type { HistoryView } from '../../protocol/history.ts'

const view: HistoryView = {
  key: 'java app.jar @1000',
  runs: 12,
  threads: 3.1234,
  memoryBytes: 612 * 2 ** 20,
  lifeMs: 65_000,
  lastSeenMs: 1_000,
  ooms: 2,
  oomRaise: 1.5,
}

describe('the table of what was learned', () => {
  it('tells runs, quantiles and kills of each key', () => {
    const [head, row, legend] = historyTable([view], undefined, 61_000).split('\n')
    expect(head).toMatch(/^KEY +RUNS +THREADS +MEMORY +LIFE +LAST SEEN +OOM KILLS$/)
    expect(row).toMatch(
      /^java app.jar @1000 +12 +3.1 +612 MiB +1 min 5 s +1 min 0 s ago +2 \(memory x 1.50\)$/,
    )
    expect(legend).toContain('9 of 10')
  })

  it('shows what no run tells as a dash', () => {
    const unknown = { ...view, threads: null, memoryBytes: null, lifeMs: null, ooms: 0, oomRaise: 1 }
    expect(historyTable([unknown], undefined, 0)).toMatch(/12 +- +- +- +0.0 s ago +0\n/)
  })

  it('says what to do when there is nothing', () => {
    expect(historyTable([], undefined, 0)).toContain('nothing was learned yet')
    expect(historyTable([], 'app', 0)).toContain('no key contains "app"')
  })
})
