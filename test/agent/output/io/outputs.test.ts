import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createOutputs, type Outputs } from '../../../../agent/output/io/outputs.ts'
import { OUTPUT_KEPT_BYTES } from '../../../../agent/output/retention.ts'
import type { Output } from '../../../../protocol/output.ts'
import { silentLog } from '../../../fakes/silent-log.ts'

const ID = 'p-0000000001'
const bytes = (text: string) => new TextEncoder().encode(text)
const textOf = (output: Output | undefined) =>
  (output?.pieces ?? []).map(({ data, stream }) => `${stream} ${Buffer.from(data, 'base64')}`)

let folder: string
let nowMs: number
let outputs: Outputs
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-test-output-'))
  nowMs = Date.now()
  outputs = createOutputs(folder, () => nowMs, silentLog)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** All that is kept, in one go or several. */
async function readAll(from = 0): Promise<{ readonly text: string; readonly droppedBytes: number }> {
  let [at, text, droppedBytes] = [from, '', 0]
  for (;;) {
    const output = await outputs.read(ID, { from: at, waitMs: 0 })
    if (output === undefined) throw new Error('nothing is kept')
    for (const { data } of output.pieces) text += Buffer.from(data, 'base64')
    droppedBytes += output.droppedBytes
    at = output.next
    if (output.pieces.length === 0 || output.ended) return { text, droppedBytes }
  }
}

describe('an output', () => {
  test('is told in its order, with stream and time, and goes on where it was left', async () => {
    const kept = outputs.open(ID)
    kept.keep(1, bytes('one'))
    kept.keep(2, bytes('two'))
    const first = await outputs.read(ID, { from: 0, waitMs: 0 })
    expect([textOf(first), first?.ended]).toEqual([['stdout one', 'stderr two'], false])
    expect(first?.pieces[0]?.atMs).toBe(nowMs)
    kept.keep(1, bytes('three'))
    kept.end()
    const second = await outputs.read(ID, { from: first?.next ?? -1, waitMs: 0 })
    expect([textOf(second), second?.ended, second?.droppedBytes]).toEqual([['stdout three'], true, 0])
  })

  test('is waited for by who follows, until something comes or it is over', async () => {
    const kept = outputs.open(ID)
    kept.keep(1, bytes('before'))
    const coming = outputs.read(ID, { from: 'end', waitMs: 10_000 })
    kept.keep(2, bytes('now'))
    const came = await coming
    expect(textOf(came)).toEqual(['stderr now'])
    const ending = outputs.read(ID, { from: came?.next ?? -1, waitMs: 10_000 })
    kept.end()
    expect(await ending).toMatchObject({ pieces: [], ended: true })
    expect(await outputs.read(ID, { from: 'end', waitMs: 10_000 })).toMatchObject({ ended: true })
  })

  test('of which there is too much keeps its end, and says how much is missing', async () => {
    const kept = outputs.open(ID)
    const chunk = 'x'.repeat(64 << 10)
    for (let count = 0; count < 40; count += 1) kept.keep(1, bytes(`${count} ${chunk}`))
    const size = readdirSync(join(folder, ID)).reduce(
      (sum, name) => sum + statSync(join(folder, ID, name)).size,
      0,
    )
    expect(size).toBeLessThanOrEqual(OUTPUT_KEPT_BYTES)
    const { droppedBytes, text } = await readAll()
    expect(text.length).toBeGreaterThan(OUTPUT_KEPT_BYTES * 0.8)
    expect(text.endsWith(`39 ${chunk}`)).toBe(true)
    expect(droppedBytes + text.length).toBeGreaterThan(40 * chunk.length)
  })

  test('one octet at a time is kept whole', async () => {
    const kept = outputs.open(ID)
    const text = Array.from({ length: 500 }, (_, index) => `${index % 10}`).join('')
    for (const letter of text) kept.keep(1, bytes(letter))
    expect(await readAll()).toEqual({ text, droppedBytes: 0 })
  })

  test('from a place that is none begins with the next record', async () => {
    const kept = outputs.open(ID)
    kept.keep(1, bytes('one'))
    kept.keep(1, bytes('two'))
    expect(textOf(await outputs.read(ID, { from: 3, waitMs: 0 }))).toEqual(['stdout two'])
    expect(textOf(await outputs.read(ID, { from: 1e9, waitMs: 0 }))).toEqual([])
  })
})

describe('the outputs of a node', () => {
  test('are there for an agent that comes after, as those of processes that are over', async () => {
    outputs.open(ID).keep(1, bytes('kept'))
    outputs = createOutputs(folder, () => nowMs, silentLog)
    const output = await outputs.read(ID, { from: 0, waitMs: 10_000 })
    expect([textOf(output), output?.ended]).toEqual([['stdout kept'], true])
  })

  test('are forgotten a day after the end, and gone from memory', async () => {
    outputs.open(ID).end()
    nowMs += 25 * 3_600_000
    expect(await outputs.read(ID, { from: 0, waitMs: 0 })).toBeUndefined()
    expect(existsSync(join(folder, ID))).toBe(false)
  })

  test('nothing is kept of who was never opened', async () => {
    expect(await outputs.read('p-0000000002', { from: 0, waitMs: 0 })).toBeUndefined()
  })
})

test('a full folder costs output, not the agent; what fits again is kept', async ({ skip }) => {
  const small = join(folder, 'small')
  mkdirSync(small)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', small], { stdio: 'ignore' })
  } catch {
    skip('nothing may be mounted here')
  }
  try {
    outputs = createOutputs(small, () => nowMs, silentLog)
    const kept = outputs.open(ID)
    for (let count = 0; count < 20; count += 1) kept.keep(1, bytes(`${count} ${'x'.repeat(60 << 10)}`))
    kept.keep(1, bytes('last'))
    kept.end()
    const { droppedBytes, text } = await readAll()
    expect(text.endsWith('last')).toBe(true)
    expect(text.length).toBeGreaterThan(60 << 10)
    expect(droppedBytes).toBeGreaterThan(15 * (60 << 10))
  } finally {
    execFileSync('umount', ['-l', small])
  }
})
