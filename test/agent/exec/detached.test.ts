import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Output } from '../../../protocol/output.ts'
import { whyNoNative } from '../../native/relay.ts'
import { openScene, type Scene } from '../scene.ts'

const why = whyNoNative()
if (why !== undefined) console.warn(`agent/exec: left out: ${why}`)

const DETACH = { options: ['--detach'] } as const

async function until(look: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1500 && !look(); turn += 1) await sleep(10)
  expect(look()).toBe(true)
}

function textOf(output: Output | undefined, wanted: 'stdout' | 'stderr'): string {
  const pieces = (output?.pieces ?? []).filter(({ stream }) => stream === wanted)
  return pieces.map(({ data }) => `${Buffer.from(data, 'base64')}`).join('')
}

describe.skipIf(why !== undefined)('a detached process', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene()
  }, 60_000)
  afterAll(() => scene.close())

  /** Starts `script` detached and answers its id, once its deputy has ended. */
  async function detach(script: string): Promise<string> {
    const { status, stdout, stderr } = await scene.run(['sh', '-c', script], DETACH)
    expect([status, stderr, `${stdout}`]).toEqual([0, '', expect.stringMatching(/^p-[0-9]{10}\n$/)])
    return `${stdout}`.trim()
  }
  const endOf = (id: string) => scene.facts.find(fact => fact.type === 'process-ended' && fact.id === id)
  const isRunning = (id: string) => scene.service.running().some(one => one.id === id)

  test('goes on without its deputy; its outputs are kept, apart', async () => {
    const id = await detach('sleep 0.3; echo out; echo err >&2; exit 7')
    expect(isRunning(id)).toBe(true)
    await until(() => endOf(id) !== undefined)
    expect(endOf(id)).toMatchObject({ ending: { exitStatus: 7 } })
    const output = await scene.outputs.read(id, { from: 0, waitMs: 0 })
    expect([textOf(output, 'stdout'), textOf(output, 'stderr')]).toEqual(['out\n', 'err\n'])
    expect(output?.ended).toBe(true)
  })

  test('has no input and no terminal', async () => {
    const id = await detach('cat; readlink /proc/self/fd/0; tty; [ -t 1 ] || echo no terminal')
    await until(() => endOf(id) !== undefined)
    const output = await scene.outputs.read(id, { from: 0, waitMs: 0 })
    expect(textOf(output, 'stdout')).toBe('/dev/null\nnot a tty\nno terminal\n')
  })

  test('that writes more than is kept is never held up, and its end is kept', async () => {
    const id = await detach('head -c 20000000 /dev/zero; echo the end')
    await until(() => endOf(id) !== undefined)
    expect(endOf(id)).toMatchObject({ ending: { exitStatus: 0 } })
    let output = await scene.outputs.read(id, { from: 0, waitMs: 0 })
    expect(output?.droppedBytes).toBeGreaterThan(18_000_000)
    while (output?.ended === false) output = await scene.outputs.read(id, { from: output.next, waitMs: 0 })
    expect(textOf(output, 'stdout').endsWith('the end\n')).toBe(true)
  })

  test('gets signals by its id', async () => {
    const id = await detach('trap "echo got it; exit 3" TERM; echo ready; while :; do sleep 0.05; done')
    const ready = await scene.outputs.read(id, { from: 0, waitMs: 10_000 })
    expect(textOf(ready, 'stdout')).toBe('ready\n')
    expect(scene.service.kill(id, 'SIGTERM')).toBeUndefined()
    await until(() => endOf(id) !== undefined)
    expect(endOf(id)).toMatchObject({ ending: { exitStatus: 3 } })
  })

  test('that cannot be started says so as any other, and keeps nothing', async () => {
    const missing = await scene.run(['no-such-program'], DETACH)
    expect([missing.status, `${missing.stdout}`]).toEqual([127, ''])
  })

  test('is refused at home, where nothing would be left to itself', async () => {
    const off = await scene.run(['true'], { ...DETACH, env: { PATH: '/usr/bin:/bin', GODWIT: 'off' } })
    expect([off.status, off.stderr]).toEqual([
      125,
      expect.stringContaining('--detach is for processes on nodes'),
    ])
  })
})

test.skipIf(why !== undefined)('a detached process ends with its agent', async () => {
  const scene = await openScene()
  const { stdout } = await scene.run(['sleep', '1000'], DETACH)
  const id = `${stdout}`.trim()
  expect(scene.service.running().map(one => one.id)).toEqual([id])
  await scene.service.close()
  expect(scene.facts.at(-1)).toMatchObject({ type: 'process-ended', id, ending: { signal: 'SIGTERM' } })
  await scene.close()
})
