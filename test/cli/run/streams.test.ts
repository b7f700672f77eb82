import { spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { follow } from '../../agent/scene.ts'
import { whyNoNative } from '../../native/relay.ts'
import { GODWIT, openRunHome, type RunHome } from './home.ts'

const why = whyNoNative()
if (why !== undefined) console.warn(`cli/run: left out: ${why}`)

let home: RunHome
beforeAll(async () => {
  if (why === undefined) home = await openRunHome()
}, 60_000)
afterAll(() => home?.close())

describe.skipIf(why !== undefined)('godwit run ends with its program though nobody ends its input', () => {
  test('on an open pipe', async () => {
    const { ended } = home.start(['--', 'sh', '-c', 'echo out; exit 7'])
    const { status, stdout, stderr } = await ended
    expect([status, `${stdout}`, stderr]).toEqual([7, 'out\n', ''])
  })

  test('on a terminal', async () => {
    const command = `${process.execPath} ${GODWIT} --socket ${home.socketPath} run -- sh -c 'exit 7'`
    const { ended } = follow(spawn('script', ['-qefc', command, '/dev/null']))
    expect(await ended).toMatchObject({ status: 7 })
  })

  test('after it has read some of it', async () => {
    const { child, ended } = home.start(['--', 'head', '-c', '2'])
    child.stdin?.write('hi')
    const { status, stdout } = await ended
    expect([status, `${stdout}`]).toEqual([0, 'hi'])
  })
})

describe.skipIf(why !== undefined)('the end of a program', () => {
  test('by SIGUSR1 is 138: at that signal Node would open its debugger instead of dying', async () => {
    const { status, stderr } = await home.start(['--', 'sh', '-c', 'kill -USR1 $$']).ended
    expect([status, stderr]).toEqual([138, ''])
  })

  test('before it began, with a reason longer than the record takes, is still 127', async () => {
    const name = `/${'x'.repeat(600)}`
    const { status, stderr } = await home.start(['--', name]).ended
    expect([status, stderr]).toEqual([127, expect.stringContaining(`${name}: not found`)])
    expect(home.refusals.at(-1)?.message).toHaveLength(500)
  })

  test('whose reader has gone is its own', async () => {
    const { child, ended } = home.start(['--', 'sh', '-c', 'trap "exit 5" PIPE; while :; do echo x; done'])
    child.stdout?.once('data', () => child.stdout?.destroy())
    expect((await ended).status).toBe(5)
  })
})

describe.skipIf(why !== undefined)('--json-events', () => {
  test('with a file that cannot be opened ends before anything is placed', async () => {
    const { status, stderr } = await home.start(['--json-events', '/nonexistent/e', '--', 'true']).ended
    expect([status, stderr]).toEqual([
      125,
      expect.stringMatching(/--json-events: ENOENT.*\n.*GW_CONFIG_INVALID/),
    ])
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('on a full disk costs the events, not the program', async () => {
    const { status, stdout, stderr } = await home.start(['--json-events', '/dev/full', '--', 'echo', 'hi'])
      .ended
    expect([status, `${stdout}`]).toEqual([0, 'hi\n'])
    expect(stderr).toMatch(/^godwit: no more events are written to \/dev\/full: ENOSPC.*\n$/)
  })
})
