import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNoNative } from '../native/relay.ts'
import { type Cluster, layCluster } from './cluster.ts'
import { whyNoNamespaces } from './dhcp-cable.ts'

const reason = whyNoNative() ?? whyNoNamespaces()
if (reason !== undefined) console.warn(`tests with a whole cluster are skipped: ${reason}`)

let cluster: Cluster
let folder: string
beforeAll(async () => {
  if (reason !== undefined) return
  folder = mkdtempSync(join(tmpdir(), 'godwit-test-detached-'))
  cluster = layCluster('det')
  await cluster.serve()
  await cluster.ready()
}, 150_000)
afterAll(async () => {
  await cluster?.close()
  if (folder !== undefined) rmSync(folder, { recursive: true })
}, 60_000)

/** What `godwit ...` prints, both outputs in one, and the status it exits with. */
async function ask(
  ...args: readonly string[]
): Promise<{ readonly text: string; readonly status: number | null }> {
  const program = cluster.godwit(...args)
  const status = await new Promise<number | null>(resolve => program.child.once('close', resolve))
  return { text: program.output(), status }
}

async function detach(name: string, script: string): Promise<string> {
  const { status, text } = await ask('run', '--detach', '--name', name, '--', 'sh', '-c', script)
  expect([status, text]).toEqual([0, expect.stringMatching(/^p-[0-9a-z]{10}\n$/)])
  return text.trim()
}

const recordOf = async (id: string) => {
  const all = JSON.parse((await ask('ps', '--all', '--json')).text) as Record<string, unknown>[]
  return all.find(one => one['id'] === id)
}

describe.skipIf(reason !== undefined)('a detached process of a whole cluster', () => {
  test('is listed, logged, signalled and waited for by its name', { timeout: 150_000 }, async () => {
    const script = 'trap "echo bye; exit 3" TERM; echo out; echo err >&2; while :; do sleep 0.1; done'
    const id = await detach('nightly', script)
    expect(await recordOf(id)).toMatchObject({ state: 'running', detached: true, name: 'nightly' })
    expect((await ask('logs', 'nightly')).text.split('\n').sort()).toEqual(['', 'err', 'out'])
    await ask('kill', 'nightly')
    expect((await ask('wait', 'nightly')).status).toBe(3)
    expect((await ask('logs', '--json', id)).text).toMatch(/"stream":"stdout".*"text":"bye\\n"/)
  })

  test('outlives its server, and who follows it does not notice', { timeout: 180_000 }, async () => {
    await detach(
      'long',
      'echo one; while [ ! -e "$0" ]; do sleep 0.1; done; echo two'.replace('$0', `${folder}/go`),
    )
    const logs = cluster.godwit('logs', '-f', 'long')
    await logs.until(/one/)
    await cluster.killServer()
    await logs.until(/no server answers.*waiting for it/)
    await cluster.serve()
    await cluster.ready()
    await ask('run', '--here', '--', 'touch', `${folder}/go`)
    await logs.until(/two\n/)
    await new Promise(resolve => logs.child.once('close', resolve))
    expect(logs.child.exitCode).toBe(0)
    expect((await ask('wait', 'long')).status).toBe(0)
  })

  test('ends with its agent; the next one still has what it wrote', { timeout: 180_000 }, async () => {
    const id = await detach('doomed', 'echo last words; sleep 1000')
    const attached = cluster.godwit('attach', '--all', id)
    await attached.until(/last words/)
    await cluster.killAgent()
    cluster.startAgent()
    await cluster.ready()
    await new Promise(resolve => attached.child.once('close', resolve))
    expect(attached.child.exitCode).toBe(255)
    expect(attached.output()).toMatch(/lost: its node no longer has it/)
    expect(await recordOf(id)).toMatchObject({ state: 'lost' })
    expect((await ask('logs', id)).text).toBe('last words\n')
  })
})

test.skipIf(reason !== undefined)(
  'a run that is lost with its agent is started again with --retry, as another process',
  { timeout: 180_000 },
  async () => {
    const mark = `${folder}/mark`
    const script = `[ -e ${mark} ] && exit 5; touch ${mark}; echo ready; exec sleep 1000`
    const run = cluster.godwit('run', '--retry', '1', '--name', 'again', '--', 'sh', '-c', script)
    await run.until(/ready/)
    const stateOf = async () => (await ask('ps', '--name', 'again', '--json')).text
    // The server hears of a start a moment later; killed before, it would have to wait for the ticket's end.
    while (!(await stateOf()).includes('"running"')) await new Promise(resolve => setTimeout(resolve, 100))
    await cluster.killAgent()
    cluster.startAgent()
    await new Promise(resolve => run.child.once('close', resolve))
    expect(run.output()).toMatch(/surely runs no more[\s\S]*started again, 0 more times at most/)
    expect(run.child.exitCode).toBe(5)
    const all = JSON.parse((await ask('ps', '--all', '--name', 'again', '--json')).text) as {
      id: string
      rerunOf?: string
      state: string
      startedAtMs: number
      endedAtMs: number
    }[]
    const [second, first] = all
    expect(all.map(({ state }) => state)).toEqual(['ended', 'lost'])
    expect(second?.rerunOf).toBe(first?.id)
  },
)
