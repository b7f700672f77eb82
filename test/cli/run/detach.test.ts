import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProcessId } from '../../../config/values/node-id.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { follow, type Run } from '../../agent/scene.ts'
import { whyNoNative } from '../../native/relay.ts'
import { endedRecord } from '../process/record.ts'
import { GODWIT, openRunHome, type RunHome } from './home.ts'

const why = whyNoNative()
if (why !== undefined) console.warn(`cli/run: left out: ${why}`)

let home: RunHome
beforeAll(async () => {
  if (why !== undefined) return
  home = await openRunHome()
  home.tell(recordOf)
}, 60_000)
afterAll(() => home?.close())

/** As the server has it from what the agent told. */
function recordOf(id: string): ProcessRecord {
  const end = home.scene.facts.find(fact => fact.type === 'process-ended' && fact.id === id)
  const state =
    end?.type === 'process-ended' ? { ending: end.ending } : ({ state: 'running', ending: null } as const)
  return endedRecord({ id: ProcessId.parse(id), detached: true, ...state })
}

async function detach(script: string): Promise<string> {
  const { status, stdout, stderr } = await home.start(['--detach', '--', 'sh', '-c', script]).ended
  expect([status, stderr]).toEqual([0, ''])
  return `${stdout}`.trim()
}

async function says(run: Run, word: string): Promise<void> {
  for (let turn = 0; turn < 1500 && !run.text().stdout.includes(word); turn += 1) await sleep(10)
  expect(run.text().stdout).toContain(word)
}

describe.skipIf(why !== undefined)('godwit run --detach', () => {
  test('prints the id and returns; godwit logs prints each output to its own', async () => {
    const id = await detach('echo out; echo err >&2; sleep 1000')
    await sleep(200)
    const { status, stdout, stderr } = await home.command(['logs', id]).ended
    expect([status, `${stdout}`, stderr]).toEqual([0, 'out\n', 'err\n'])
    home.scene.service.kill(id, 'SIGKILL')
  })

  test('godwit logs -f follows until the end', async () => {
    const id = await detach('echo one; sleep 1; echo two')
    const run = home.command(['logs', '-f', id])
    await says(run, 'one')
    const { status, stdout } = await run.ended
    expect([status, `${stdout}`]).toEqual([0, 'one\ntwo\n'])
  })

  test('godwit logs --json tells stream, time and text', async () => {
    const id = await detach('echo out; sleep 0.2; echo err >&2')
    const { stdout } = await home.command(['logs', '-f', '--json', id]).ended
    const lines = `${stdout}`
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines).toEqual([
      { event: 'output', stream: 'stdout', atMs: expect.any(Number), text: 'out\n' },
      { event: 'output', stream: 'stderr', atMs: expect.any(Number), text: 'err\n' },
    ])
  })

  test('writes its events as any other run', async () => {
    const path = join(tmpdir(), `godwit-test-events-${process.pid}`)
    await home.start(['--json-events', path, '--detach', '--', 'true']).ended
    const text = readFileSync(path, 'utf8')
    rmSync(path)
    const events = text
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events.map(({ event }) => event)).toEqual(['placed', 'started'])
    expect(events[1]).toMatchObject({ pid: expect.any(Number), cwd: process.cwd() })
  })

  test('of a process that was not detached there are no logs, and why', async () => {
    const { status, stderr } = await home.command(['logs', 'p-9999999999']).ended
    expect([status, stderr]).toEqual([1, expect.stringMatching(/keeps no output[\s\S]*GW_NO_OUTPUT/)])
  })
})

describe.skipIf(why !== undefined)('godwit attach', () => {
  const TRAP = 'trap "echo got it; exit 3" INT; echo ready; while :; do sleep 0.05; done'

  test('shows what comes, passes signals on, and ends as the process does', async () => {
    const id = await detach(TRAP)
    const run = home.command(['attach', '--all', id])
    await says(run, 'ready')
    run.child.kill('SIGINT')
    const { status, stdout, stderr } = await run.ended
    expect([status, `${stdout}`, stderr]).toEqual([3, 'ready\ngot it\n', `godwit: ${id}: exit status 3\n`])
  })

  test('at a terminal: ^P ^Q leaves it alone, ^C is for the process, and the terminal is as before', async () => {
    const id = await detach(TRAP)
    const atTerminal = (keys: string) => {
      const script = `${process.execPath} ${GODWIT} --socket ${home.socketPath} attach --all ${id}; echo "status $?"; stty -a`
      const run = follow(spawn('script', ['-qefc', script, '/dev/null']))
      return says(run, 'ready').then(async () => {
        run.child.stdin?.write(keys)
        return `${(await run.ended).stdout}`
      })
    }
    const left = await atTerminal('x\x10\x11')
    expect(left).toMatch(/godwit: left p-\d+, which goes on\r\nstatus 0\r\n[\s\S]* echo /)
    expect(home.scene.service.running().map(one => one.id)).toContain(id)
    expect(await atTerminal('\x03')).toMatch(/got it\r\n[\s\S]*status 3\r\n[\s\S]* icanon /)
  })
})
