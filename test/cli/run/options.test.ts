import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProcessId } from '../../../config/values/node-id.ts'
import type { RunRequest } from '../../../protocol/admin.ts'
import { whyNoNative } from '../../native/relay.ts'
import { endedRecord } from '../process/record.ts'
import { GODWIT, openRunHome, type RunHome } from './home.ts'

const why = whyNoNative()
if (why !== undefined) console.warn(`cli/run: left out: ${why}`)

let home: RunHome
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-test-options-'))
  if (why === undefined) home = await openRunHome()
}, 60_000)
afterAll(async () => {
  await home?.close()
  rmSync(folder, { recursive: true })
})

/** Runs with these options, and answers what the server was asked and what came out. */
async function run(...args: readonly string[]) {
  const asked: RunRequest[] = []
  home.place(async request => {
    asked.push(request)
    return home.scene.grantDigest(request.specSha256)
  })
  const { status, stdout, stderr } = await home.start(args).ended
  return { asked, status, stdout: `${stdout}`, stderr }
}

describe.skipIf(why !== undefined)('godwit run', () => {
  test('asks for what its options say', async () => {
    const { asked, status } = await run(
      ...['--mem', '64M', '--cpus', '0.5', '--on', 'threads>=1', '--name', 'nightly', '--timeout', '1h'],
      ...['--now', '--', 'true'],
    )
    expect(status).toBe(0)
    expect(asked).toEqual([
      expect.objectContaining({
        memoryBytes: 64 << 20,
        threads: 0.5,
        on: 'threads>=1',
        name: 'nightly',
        timeoutMs: 3_600_000,
        now: true,
      }),
    ])
  })

  test('gives the program the variables of its files, and placement those it looks at', async () => {
    const path = join(folder, 'build.env')
    writeFileSync(path, 'A=\'1\nGREETING="hi" # $HOME\nB=\'\nJAVA_TOOL_OPTIONS=-Xmx64m\n')
    const { asked, stdout } = await run('--env-file', path, '--', 'printenv', 'GREETING')
    expect(stdout).toBe('"hi" # $HOME\n')
    expect(asked[0]?.env).toMatchObject({ JAVA_TOOL_OPTIONS: '-Xmx64m' })
  })

  test('says that the time of its program was over, which ended it', async () => {
    const reason = 'its --timeout of 5 s was over'
    home.tell(id => endedRecord({ id: ProcessId.parse(id), state: 'running', ending: null, reason }))
    const ended = await run('--timeout', '5', '--', 'sh', '-c', 'exit 143')
    expect([ended.status, ended.stderr]).toEqual([143, `godwit: ${reason}\n`])
  })
})

describe.skipIf(why !== undefined)('godwit run --here', () => {
  /** Without any server. */
  function here(...args: readonly string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
    return new Promise(resolve => {
      const words = ['--socket', '/nonexistent/admin.sock', 'run', '--here', ...args]
      execFile(GODWIT, words, { cwd: folder }, (error, stdout, stderr) =>
        resolve({ status: error?.signal ?? error?.code ?? 0, stdout, stderr }),
      )
    })
  }

  test('becomes the program, in this folder, whose end is its own', async () => {
    const { status, stdout, stderr } = await here('-v', '--', 'sh', '-c', 'pwd; exit 7')
    expect([status, stdout, stderr]).toEqual([7, `${folder}\n`, 'godwit: it runs here, in place\n'])
  })

  test('passes a signal on to it', async () => {
    const script = 'trap "echo got; exit 5" TERM; kill -TERM $PPID; while :; do sleep 0.1; done'
    expect(await here('--', 'sh', '-c', script)).toMatchObject({ status: 5, stdout: 'got\n' })
  })
})
