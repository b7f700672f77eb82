import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createInPlace, type InPlace } from '../../../../agent/door/io/in-place.ts'
import type { Fact } from '../../../../agent/link/outbox.ts'
import { ProcessId } from '../../../../config/values/node-id.ts'

const ID = ProcessId.parse('p-0000000001')
const SELF = process.geteuid?.() ?? 0

describe('a process that was left where it was typed', () => {
  let facts: Fact[]
  let inPlace: InPlace
  let child: ChildProcess

  beforeEach(async () => {
    facts = []
    inPlace = createInPlace({ now: () => 7, onFact: fact => void facts.push(fact) })
    child = spawn('sleep', ['60'])
    await once(child, 'spawn')
  })
  afterEach(() => {
    inPlace.close()
    child.kill('SIGKILL')
  })

  const untilEnded = async () => {
    for (let turn = 0; turn < 500 && facts.length < 2; turn += 1) await sleep(10)
    expect(facts[1]).toMatchObject({
      type: 'process-ended',
      id: ID,
      ending: { exitStatus: null, signal: null, oomKilled: false },
    })
    expect(inPlace.running()).toEqual([])
    expect(inPlace.has(ID)).toBe(false)
  }

  test('counts from its start to its end', async () => {
    expect(inPlace.begin(ID, child.pid ?? 0, SELF)).toBe(true)
    expect(facts).toEqual([{ type: 'process-started', id: ID, pid: child.pid, startedAtMs: 7 }])
    const [running] = inPlace.running()
    expect(running).toMatchObject({ id: ID, pid: child.pid, startedAtMs: 7 })
    expect(running?.usage()).toMatchObject({ threads: 1, memoryBytes: expect.any(Number) })
    child.kill('SIGKILL')
    await untilEnded()
  })

  test('can be ended from afar', async () => {
    inPlace.begin(ID, child.pid ?? 0, SELF)
    expect(inPlace.kill(ID, 'NONSENSE')).toContain('NONSENSE')
    expect(inPlace.kill(ID, 'SIGTERM')).toBeUndefined()
    expect(await once(child, 'close')).toEqual([null, 'SIGTERM'])
    expect(inPlace.kill(ID, 'SIGTERM')).toBe('the process has ended')
    await untilEnded()
  })

  test('is nobody else: neither one of another user, nor one that is gone', async () => {
    expect(inPlace.begin(ID, child.pid ?? 0, SELF + 1)).toBe(false)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(inPlace.begin(ID, child.pid ?? 0, SELF)).toBe(false)
    expect(facts).toEqual([])
  })
})
