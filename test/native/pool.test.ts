import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askFor } from './ask.ts'
import { command } from './command.ts'
import { openRelay, type Relay, until, whyNoNative } from './relay.ts'

const ROOT = ['u0', 'g0', 'G']
/** Everything a process could leave changed for the next one. */
const CHANGED = [
  'u65534',
  'g65534',
  'G65534,7',
  'U77',
  'N9',
  'y0 3 0',
  'i1,13',
  'b10',
  'v1',
  'Lnofile 20 20',
  'Lcore 1 1',
]
/** What exec hands on, without what is another's each time. */
const LOOK = `id; umask; ulimit -a; env; pwd; ls /proc/self/fd | wc -l; nice; cat /proc/self/oom_score_adj
  grep -E '^(Sig|NoNew|Groups|Uid|Gid)' /proc/self/status | grep -v SigQ; cut -d' ' -f41 /proc/self/stat`
/** More than stay, so that each has been one that stayed. */
const RUNS = 40

describe.skipIf(whyNoNative() !== undefined)('a child of the keeper', () => {
  let relay: Relay
  beforeAll(async () => {
    relay = await openRelay()
  }, 60_000)
  afterAll(() => relay.close())

  it('stays for the next process, which finds nothing of the last one', async () => {
    const fresh = (await askFor(LOOK, ROOT, relay.door)).text
    expect(fresh).toContain('uid=0(root)')
    const changed = (await askFor(LOOK, CHANGED, relay.door)).text
    const parents = new Set<string>()
    for (let run = 0; run < RUNS; run += 1) {
      expect((await askFor(LOOK, run % 2 === 0 ? CHANGED : ROOT, relay.door)).text).toBe(
        run % 2 === 0 ? changed : fresh,
      )
      parents.add((await askFor('echo $PPID', ROOT, relay.door)).text)
    }
    expect(parents.size).toBeLessThan(RUNS / 2)
  })

  it('tells what its own process used, not what all have', async () => {
    const busy = 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done'
    const most = (await askFor(busy, ROOT, relay.door)).cpuUs
    expect(most).toBeGreaterThan(20_000)
    for (let run = 0; run < RUNS; run += 1)
      expect((await askFor('exit', ROOT, relay.door)).cpuUs).toBeLessThan(most / 2)
  })

  it('says why the kernel would not take the program, and runs a script that only a shell takes', async () => {
    const outcomes = []
    for (const [name, text] of [
      ['no-interpreter', '#!/no/such/program\n'],
      ['plain', 'echo $0 $1; exit 3\n'],
    ] as const) {
      const path = join(relay.folder, name)
      writeFileSync(path, text)
      chmodSync(path, 0o755)
      outcomes.push(await command([relay.deputy, 'run', `--door=${relay.door}`, '--', path, 'one']))
    }
    const [broken, plain] = outcomes
    expect(broken).toMatchObject({ status: 127, stdout: '' })
    expect(broken?.stderr).toMatch(/no-interpreter: No such file or directory/)
    expect(plain).toMatchObject({ status: 3, stdout: `${join(relay.folder, 'plain')} one\n`, stderr: '' })
  })
})

describe.skipIf(whyNoNative() !== undefined)('when the keeper is killed', () => {
  it('its idle children end, and nobody waits for one that is busy', async () => {
    const relay = await openRelay()
    try {
      for (let run = 0; run < 5; run += 1) await askFor('exit', ROOT, relay.door)
      const mark = join(relay.folder, 'mark')
      const busy = askFor(`echo $PPID >${mark}; sleep 3; echo done`, ROOT, relay.door)
      // It is there for the next process for a second; then it holds the keeper's socket no longer.
      await new Promise(resolve => setTimeout(resolve, 1500))
      const children = childrenOf(relay.keeperPid)
      const parent = Number(readFileSync(mark, 'utf8'))
      expect(children).toContain(parent)
      expect(children.length).toBeGreaterThan(1)
      process.kill(relay.keeperPid, 'SIGKILL')
      await until(() => children.filter(isAlive).join() === `${parent}`)
      const late = connect(join(relay.folder, 'keeper.sock'))
      expect((await once(late, 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' })
      expect((await busy).text).toBe('done\n')
      await until(() => !isAlive(parent))
    } finally {
      await relay.close()
    }
  })
})

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
