import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Mac } from '../../../config/values/mac.ts'
import { type BootEvent, STAGES, type StageName } from '../../../protocol/boot.ts'
import { applyBootEvent, BOOTS_KEPT, type BootTrack } from '../../../server/cluster/timeline.ts'

const mac = Mac.parse('52:54:00:77:00:01')
const T0 = 1_700_000_000_000

/** `dhcp-offer@0`, `failed@30=too little RAM`: stage, seconds after T0, detail. */
function event(text: string): BootEvent {
  const [, stage, seconds, detail] = /^([\w-]+)@([\d.]+)(?:=(.*))?$/.exec(text) ?? []
  const base = { mac, stage: stage as StageName, atMs: T0 + Number(seconds) * 1000 }
  return detail === undefined ? base : { ...base, detail }
}

function play(...texts: readonly string[]): readonly BootTrack[] {
  return texts.map(event).reduce<readonly BootTrack[]>(applyBootEvent, [])
}

const print = (boots: readonly BootTrack[]) =>
  boots.map(boot => boot.stages.map(({ name, atMs }) => `${name}@${atMs / 1000}`).join(' '))

describe('which boot a stage belongs to', () => {
  const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    [
      'one boot',
      ['dhcp-offer@0', 'dhcp-ack@1', 'loader@2', 'ipxe@4'],
      ['dhcp-offer@0 dhcp-ack@1 loader@2 ipxe@4'],
    ],
    ['the first time of a stage counts', ['dhcp-offer@0', 'dhcp-offer@3'], ['dhcp-offer@0']],
    [
      'iPXE asks DHCP again',
      ['dhcp-offer@0', 'loader@1', 'dhcp-offer@5=ipxe x86', 'ipxe@6'],
      ['dhcp-offer@0 loader@1 ipxe@6'],
    ],
    [
      'a ROM asks after iPXE did',
      ['dhcp-offer@0=rom x86', 'ipxe@4', 'dhcp-offer@60=rom x86'],
      ['dhcp-offer@0 ipxe@4', 'dhcp-offer@0'],
    ],
    [
      'iPXE repeats its script',
      ['ipxe@0', 'script@1', 'kernel@2', 'script@20', 'kernel@22'],
      ['ipxe@0 script@1 kernel@2'],
    ],
    [
      'an offer after the kernel',
      ['dhcp-offer@0', 'kernel@9', 'dhcp-offer@20'],
      ['dhcp-offer@0 kernel@9', 'dhcp-offer@0'],
    ],
    [
      'a script after the initrd ran',
      ['script@0', 'initrd-start@9', 'script@30'],
      ['script@0 initrd-start@9', 'script@0'],
    ],
    ['an offer after ten idle minutes', ['dhcp-offer@0', 'dhcp-offer@601'], ['dhcp-offer@0', 'dhcp-offer@0']],
    [
      'a slow fetch is no new boot',
      ['dhcp-offer@0', 'root-fetch@30', 'root-verified@3000'],
      ['dhcp-offer@0 root-fetch@30 root-verified@3000'],
    ],
    ['an offer that arrives late', ['kernel@9', 'dhcp-offer@0'], ['dhcp-offer@0 kernel@9']],
    [
      'after a failure',
      ['ipxe@0', 'failed@30=too little RAM', 'dhcp-offer@90'],
      ['ipxe@0 failed@30', 'dhcp-offer@0'],
    ],
  ]
  test.each(table)('%s', (_name, events, expected) => {
    expect(print(play(...events))).toEqual(expected)
  })
})

test('a failure keeps its reason until the boot gets on', () => {
  expect(play('ipxe@0', 'failed@30=too little RAM').at(-1)?.failure).toBe('too little RAM')
  expect(play('ipxe@0', 'failed@30').at(-1)?.failure).toBe('the boot failed without a reason')
  expect(play('ipxe@0', 'failed@30=no route', 'root-fetch@40').at(-1)?.failure).toBeNull()
})

test('firmware and readiness are learned', () => {
  const boots = applyBootEvent([], { ...event('dhcp-offer@0'), firmware: 'uefi' })
  const ready = applyBootEvent(boots, event('ready@42'))
  expect(ready.at(-1)).toMatchObject({ firmware: 'uefi', startedAt: T0, readyAt: T0 + 42_000 })
})

test('only the last boots are kept', () => {
  const many = Array.from({ length: 25 }, (_, boot) => `dhcp-offer@${boot * 700}`)
  const boots = play(...many)
  expect(boots).toHaveLength(BOOTS_KEPT)
  expect(boots.at(-1)?.startedAt).toBe(T0 + 24 * 700_000)
})

test('the order in which the stages of one boot arrive does not matter', async () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 20_000 }), {
    minLength: STAGES.length,
    maxLength: STAGES.length,
  })
  await fc.assert(
    fc.property(gaps, fc.array(fc.nat(), { minLength: 16, maxLength: 16 }), (delays, order) => {
      const times = delays.map(
        (_, index) => T0 + delays.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0),
      )
      const events = STAGES.map((stage, index): BootEvent => ({ mac, stage, atMs: times[index] ?? T0 }))
      const shuffled = events
        .map((item, index) => ({ item, key: order[index] ?? 0 }))
        .sort((a, b) => a.key - b.key)
      const inOrder = events.reduce<readonly BootTrack[]>(applyBootEvent, [])
      const anyOrder = shuffled.map(({ item }) => item).reduce<readonly BootTrack[]>(applyBootEvent, [])
      expect(anyOrder.map(boot => ({ ...boot, id: '' }))).toEqual(inOrder.map(boot => ({ ...boot, id: '' })))
    }),
  )
})
