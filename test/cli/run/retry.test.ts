import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProcessId } from '../../../config/values/node-id.ts'
import type { RunRequest } from '../../../protocol/admin.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { whyNoNative } from '../../native/relay.ts'
import { endedRecord } from '../process/record.ts'
import { openRunHome, type RunHome } from './home.ts'

const why = whyNoNative()
if (why !== undefined) console.warn(`cli/run: left out: ${why}`)

let home: RunHome
beforeAll(async () => {
  if (why === undefined) home = await openRunHome()
}, 60_000)
afterAll(() => home?.close())

/** Runs with these options on a server that says `how` of each process that is over. */
async function run(how: Partial<ProcessRecord>, input: string, ...args: readonly string[]) {
  const asked: RunRequest[] = []
  home.place(async request => {
    asked.push(request)
    return home.scene.grantDigest(request.specSha256)
  })
  home.tell(id => endedRecord({ id: ProcessId.parse(id), ...how }))
  const { child, ended } = home.start(args)
  child.stdin?.end(input)
  const { status, stdout, stderr } = await ended
  return { reruns: asked.map(({ rerunOf }) => rerunOf), status, stdout: `${stdout}`, stderr }
}

const failed: Partial<ProcessRecord> = { ending: { exitStatus: 4, signal: null, oomKilled: false } }

describe.skipIf(why !== undefined)('godwit run --retry', () => {
  test('starts it again as a new process of a new placement, linked to the former, and ends as the last', async () => {
    const script = 'echo try; exit 4'
    const { reruns, status, stderr, stdout } = await run(
      failed,
      '',
      ...['--retry', '2', '--retry-failed', '--', 'sh', '-c', script],
    )
    expect([status, stdout]).toEqual([4, 'try\ntry\ntry\n'])
    expect(reruns).toEqual([undefined, expect.stringMatching(/^p-/), expect.stringMatching(/^p-/)])
    expect(new Set(reruns).size).toBe(3)
    expect(stderr).toMatch(
      /^godwit: p-\d+: exit status 4; started again, 1 more times at most\ngodwit: p-\d+: exit status 4; started again, 0 more times at most\n$/,
    )
  })

  test('does not when it failed by itself and nobody wished that', async () => {
    const { reruns, status } = await run(failed, '', '--retry', '2', '--', 'sh', '-c', 'exit 4')
    expect([reruns, status]).toEqual([[undefined], 4])
  })

  test('does not when it has read of its input, and says so', async () => {
    const args = ['--retry', '2', '--retry-failed', '--', 'sh', '-c', 'read line; exit 4']
    const { reruns, status, stderr } = await run(failed, 'line\n', ...args)
    expect([reruns, status]).toEqual([[undefined], 4])
    expect(stderr).toBe('godwit: exit status 4; not started again: it had begun to read its input\n')
  })
})

test.skipIf(why !== undefined)('--retry is refused where it makes no sense', async () => {
  const detached = await home.start(['--detach', '--retry', '2', '--', 'true']).ended
  expect([detached.status, detached.stderr]).toEqual([2, expect.stringMatching(/cannot be used with option/)])
  const alone = await home.start(['--retry-failed', '--', 'true']).ended
  expect([alone.status, alone.stderr]).toEqual([2, expect.stringMatching(/--retry-failed needs --retry/)])
  const many = await home.start(['--retry', 'often', '--', 'true']).ended
  expect([many.status, many.stderr]).toEqual([2, expect.stringMatching(/"often" is not a number of times/)])
})
