import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Mac } from '../../../config/values/mac.ts'
import type { BootEvent, StageName } from '../../../protocol/boot.ts'
import type { NodeChange } from '../../../server/cluster/change.ts'
import { applyBoot, applyHardware, applyStage } from '../../../server/cluster/inventory.ts'
import {
  applyApproval,
  applyJoin,
  applyLost,
  applyReturn,
  judgeReturn,
} from '../../../server/cluster/membership.ts'
import { nodeIdOf, nodeName } from '../../../server/cluster/name.ts'
import { type NodeRecord, newNode } from '../../../server/cluster/node-record.ts'
import { ownPauseMs, silentNodes } from '../../../server/cluster/silence.ts'
import { standingOf } from '../../../server/cluster/standing.ts'
import { hardware, hello, mac, speed } from './scene.ts'

const T0 = 1_700_000_000_000
const at = (seconds: number) => T0 + seconds * 1000
type Step = (record: NodeRecord) => NodeChange

const seen =
  (stage: StageName, seconds: number, change: Partial<BootEvent> = {}): Step =>
  record =>
    applyBoot(record, { mac, stage, atMs: at(seconds), ...change })
const joins =
  (seconds: number, kernelBootId = 'kernel-1'): Step =>
  record =>
    applyJoin(record, hello({ kernelBootId }), record.boots.at(-1)?.id ?? '', at(seconds))
const tells =
  (seconds: number): Step =>
  record =>
    applyHardware(record, { type: 'hardware', hardware, speed }, at(seconds))
const isLost =
  (seconds: number): Step =>
  record =>
    applyLost(record, 16_000, at(seconds))
const returns =
  (seconds: number): Step =>
  record =>
    applyReturn(record, hello(), at(seconds))
const isApproved: Step = record => applyApproval(record, at(50))

function play(steps: readonly Step[], approved = true): NodeRecord {
  return steps.reduce((record, step) => step(record).record, newNode(mac, 'node-770001', approved, T0))
}

const joined = [seen('script', 1), joins(20), tells(21)]

describe('where a node stands', () => {
  test.each<[string, readonly Step[], boolean, string, string | null]>([
    ['just seen', [seen('dhcp-offer', 0)], true, 'booting', null],
    [
      'its initrd gave up',
      [seen('script', 0), seen('failed', 9, { detail: 'too little RAM' })],
      true,
      'failed',
      'too little RAM',
    ],
    ['joined, hardware not told', [seen('script', 1), joins(20)], true, 'booting', null],
    ['joined', joined, true, 'ready', null],
    [
      'joined, to be approved',
      joined,
      false,
      'pending',
      'waits for approval: godwit node approve node-770001',
    ],
    ['approved afterwards', [...joined, isApproved], false, 'ready', null],
    ['fell silent', [...joined, isLost(60)], true, 'lost', 'silent for 16 s'],
    ['came back', [...joined, isLost(60), returns(70)], true, 'ready', null],
    ['somebody forges its DHCP while it works', [...joined, seen('dhcp-offer', 60)], true, 'ready', null],
    ['somebody forges its failure while it works', [...joined, seen('failed', 60)], true, 'ready', null],
    [
      'rebooted, seen before the silence',
      [...joined, seen('dhcp-offer', 60), isLost(70)],
      true,
      'booting',
      null,
    ],
    [
      'rebooted, seen after the silence',
      [...joined, isLost(70), seen('dhcp-offer', 80)],
      true,
      'booting',
      null,
    ],
    [
      'joined again after a reboot',
      [...joined, seen('script', 80), joins(90, 'kernel-2'), tells(91)],
      true,
      'ready',
      null,
    ],
    [
      'rebooted, hardware not told yet',
      [...joined, seen('script', 80), joins(90, 'kernel-2')],
      true,
      'booting',
      null,
    ],
  ])('%s', (_name, steps, approved, state, reason) => {
    expect(standingOf(play(steps, approved))).toEqual({ state, reason })
  })
})

test('a change of state is told once, with both ends', () => {
  const record = play([seen('script', 1), joins(20)])
  const { events, record: ready } = tells(21)(record)
  expect(events).toEqual([{ kind: 'state', from: 'booting', to: 'ready', reason: null }])
  expect(tells(22)(ready).events).toEqual([])
  expect(ready.boots.at(-1)).toMatchObject({ readyAt: at(21) })
})

test('approval lasts over boots', () => {
  const record = play(
    [...joined, isApproved, isLost(60), seen('script', 80), joins(90, 'kernel-2'), tells(91)],
    false,
  )
  expect(standingOf(record).state).toBe('ready')
})

test("an agent's stage is dated by the server where the agent's clock is off", () => {
  const record = play([seen('script', 0), joins(20)])
  const stage = (atMs: number) =>
    applyStage(record, { type: 'stage', stage: 'agent-start', atMs }, at(25)).record
  const dated = (atMs: number) =>
    stage(atMs)
      .boots.at(-1)
      ?.stages.find(({ name }) => name === 'agent-start')?.atMs
  expect(dated(at(18))).toBe(18_000)
  expect(dated(Date.UTC(2003, 0, 1))).toBe(25_000)
  expect(dated(Date.UTC(2090, 0, 1))).toBe(25_000)
})

describe('who may return', () => {
  const record = play(joined)
  const peer = { kind: 'node' as const, nodeId: record.id, kernelBootId: 'kernel-1' }
  test.each([
    ['the same boot', record, hello(), peer, 'welcome'],
    ['a machine that is not known', undefined, hello(), peer, 'refused'],
    ['a machine that never joined', play([seen('script', 0)]), hello(), peer, 'refused'],
    ['another boot by its own word', record, hello({ kernelBootId: 'kernel-2' }), peer, 'refused'],
    ['another boot by its certificate', record, hello(), { ...peer, kernelBootId: 'kernel-0' }, 'refused'],
    ['another machine', record, hello({ mac: Mac.parse('52:54:00:77:00:02') }), peer, 'refused'],
  ])('%s', (_name, known, message, shown, kind) => {
    expect(judgeReturn(known, message, shown).kind).toBe(kind)
  })
})

test.each([
  [undefined, [], 'node-770001'],
  ['kitchen', [], 'kitchen'],
  ['kitchen', ['kitchen'], 'node-770001'],
  [undefined, ['node-770001'], 'node-525400770001'],
])('a machine with the reservation %s beside %j is called %s', (reserved, taken, expected) => {
  expect(nodeName(mac, reserved, new Set(taken))).toBe(expected)
})

test('every Ethernet address gives a valid id', async () => {
  await fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), octets => {
      const text = [...octets].map(octet => octet.toString(16).padStart(2, '0')).join(':')
      expect(nodeIdOf(Mac.parse(text))).toBe(`n-${text.replaceAll(':', '')}`)
    }),
  )
})

test('silence counts from the last word, and only beyond the limit', () => {
  const heard = [
    { id: 'a', heardAtMs: 0 },
    { id: 'b', heardAtMs: 1 },
  ]
  expect(silentNodes(heard, 15_001, 15_000)).toEqual([{ id: 'a', silentMs: 15_001 }])
})

test.each([
  ['on time', 1000, 0],
  ['a little late', 2900, 0],
  ['after a suspend of an hour', 3_601_000, 3_600_000],
  ['a clock set back', -5000, 0],
])('a sweep %s', (_name, sinceMs, pauseMs) => {
  expect(ownPauseMs(T0, T0 + sinceMs, 1000)).toBe(pauseMs)
})
