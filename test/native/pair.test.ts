import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { command } from './command.ts'
import { frameBytes, taggedBytes } from './frame-bytes.ts'
import { openRelay, type Relay, type RelayOptions, until, whyNoNative } from './relay.ts'

const why = whyNoNative()
if (why !== undefined) console.warn(`test/native is skipped: ${why}`)

describe.skipIf(why !== undefined)('deputy and keeper', () => {
  let relay: Relay
  beforeAll(async () => {
    relay = await openRelay()
  }, 60_000)
  afterAll(() => relay.close())
  const run = (argv: readonly string[], input?: string) =>
    command(
      [relay.deputy, 'run', `--door=${relay.door}`, '--', ...argv],
      input === undefined ? {} : { input },
    )

  it('carries arguments, input, both outputs and the status', async () => {
    const outcome = await run(['sh', '-c', 'cat; echo "$1" >&2; exit 7', 'sh', 'a b'], 'in\n')
    expect(outcome).toEqual({ stdout: 'in\n', stderr: 'a b\n', status: 7, signal: null })
  })

  it('dies of the signal that the process died of', async () => {
    expect(await run(['sh', '-c', 'kill -SEGV $$'])).toMatchObject({ status: null, signal: 'SIGSEGV' })
  })

  it('says why nothing was started, as a shell would', async () => {
    expect(await run(['no-such-program'])).toMatchObject({
      status: 127,
      stderr: 'godwit: no-such-program: not found on this node\n',
    })
    expect((await run(['/etc/passwd'])).status).toBe(126)
  })

  it('ends the process, and what it has started, when the connection breaks', async () => {
    const waiting = run([
      'sh',
      '-c',
      'setsid sleep 1000 & echo $! $$ >"$0"; sleep 1000',
      `${relay.folder}/pids`,
    ])
    const pids = () => readPids(`${relay.folder}/pids`)
    await until(() => pids().length === 2 && pids().every(isAlive))
    for (const { deputy } of relay.wires) deputy.destroy()
    expect(await waiting).toMatchObject({ status: 255 })
    await until(() => !pids().some(isAlive))
  })
})

describe.skipIf(why !== undefined)('a deputy and its door', () => {
  const answered = async (options: RelayOptions, ...argv: readonly string[]) => {
    const relay = await openRelay(options)
    try {
      return await command([relay.deputy, 'run', `--door=${relay.door}`, '--', ...argv])
    } finally {
      await relay.close()
    }
  }

  it('becomes the program when told to', async () => {
    const home = frameBytes(32, taggedBytes(['Mbest at home']))
    expect(await answered({ answer: [home] }, 'sh', '-c', 'echo here; exit 3')).toMatchObject({
      stdout: 'here\n',
      status: 3,
    })
  })

  it('prints notices and fails with the status it is told', async () => {
    const answer = [
      frameBytes(33, taggedBytes(['Mwaiting'])),
      frameBytes(34, taggedBytes(['x125', 'Mno place'])),
    ]
    expect(await answered({ answer }, 'true')).toMatchObject({
      status: 125,
      stderr: 'godwit: waiting\ngodwit: no place\n',
    })
  })

  it('prints why its process ended, where the node could tell, after all its output', async () => {
    const answer = [
      frameBytes(35, taggedBytes(['Pp-1'])),
      frameBytes(16, taggedBytes(['p1', 'C/'])),
      frameBytes(19, new TextEncoder().encode('last words\n')),
      frameBytes(21, taggedBytes(['g9', 'Mout of memory; next time: --mem 150M'])),
    ]
    expect(await answered({ answer }, 'true')).toMatchObject({
      signal: 'SIGKILL',
      stderr: 'last words\ngodwit: out of memory; next time: --mem 150M\n',
    })
  })

  it('prints the id of a process that is left to itself, and ends', async () => {
    const answer = [frameBytes(35, taggedBytes(['Pp-1'])), frameBytes(36, taggedBytes(['p1', 'C/', 'Pp-1']))]
    expect(await answered({ answer }, 'true')).toEqual({
      status: 0,
      signal: null,
      stdout: 'p-1\n',
      stderr: '',
    })
  })

  it('does not run it here once a node may have started it', async () => {
    const outcome = await answered({ answer: [frameBytes(35, taggedBytes(['Pp-1']))] }, 'echo', 'twice')
    expect(outcome).toMatchObject({ stdout: '', status: 255 })
  })
})

function readPids(path: string): readonly number[] {
  try {
    return readFileSync(path, 'utf8').trim().split(' ').map(Number)
  } catch {
    return []
  }
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
