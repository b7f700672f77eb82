import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { describe, expect, it } from 'vitest'

const COLLECTOR = new URL('../../../server/io/collector.ts', import.meta.url).href
/** Keeps some megabytes of objects at a time, enough for V8 to call for helpers. */
const MAKE_GARBAGE =
  'let kept = []; for (let i = 0; i < 3e5; i++) { kept.push({ i, at: [i] }); if (i % 5e4 === 0) kept = [] }'

/** How often V8 collects young garbage in a process after `before`, and how many threads take part in sum. */
function collections(before: string) {
  const script = `
    import { setFlagsFromString } from 'node:v8'
    import { collectAlone } from '${COLLECTOR}'
    ${before}
    setFlagsFromString('--trace-gc')
    setFlagsFromString('--trace-parallel-scavenge')
    ${MAKE_GARBAGE}`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const said = execFileSync(process.execPath, args, { encoding: 'utf8' })
  return { rounds: said.match(/Scavenge /g)?.length ?? 0, threads: said.match(/scavenge\[/g)?.length ?? 0 }
}

describe('the collector of a server', { timeout: 30_000 }, () => {
  it('does a short round on one thread', () => {
    const { rounds, threads } = collections('collectAlone()')
    expect(rounds).toBeGreaterThan(3)
    expect(threads).toBe(rounds)
  })

  it.runIf(availableParallelism() > 1)('would share it among several otherwise', () => {
    const { rounds, threads } = collections('')
    expect(threads).toBeGreaterThan(rounds)
  })
})
