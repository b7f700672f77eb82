import { expect, test } from 'vitest'
import { ip, MACHINE, sceneOf, subnetOf } from '../scene.ts'
import { expectHarmless, raw, survives } from './hostile.ts'
import { lease, unicastFrom } from './machine.ts'

test('F03 client ids of length 0, 1 and 255, and repeated', async () => {
  const long = [61, 255, ...Array(255).fill(7)]
  const all = [[61, 0], [61, 1, 9], long, [...long, ...long, 61, 0, 61, 1, 1]]
  const { sent } = await survives(all.map(option => raw([53, 1, 1, ...option, 255])))
  expect(sent.map(({ packet }) => packet.options.get(61)?.length)).toEqual([undefined, undefined, 255, 511])
})

test('F04 overload 3 with both fields full, no END, and 52 again inside', async () => {
  const file = [52, 1, 3, ...Array(125).fill(12)]
  const { sent } = await survives([raw([53, 1, 1, 52, 1, 3, 255], file, [52, 1, 3, ...Array(61).fill(0)])])
  expect(sent).toHaveLength(1)
})

test('F05 overload of 0, 4 and 255, and of length 0 and 2', async () => {
  const values = [[1, 0], [1, 4], [1, 255], [0], [2, 3, 3]]
  const { sent } = await survives(values.map(value => raw([53, 1, 1, 52, ...value, 255], [12, 200])))
  expect(sent).toHaveLength(5)
})

test('F06 a parameter list of 255 entries, all alike or all there are: each option once', async () => {
  const lists = [Array(255).fill(1), [...Array(255).keys()]]
  const { sent } = await survives(lists.map(list => raw([53, 1, 1, 55, 255, ...list, 255])))
  expect(sent.map(({ packet }) => packet.options.size)).toEqual([8 - 1, 8 + 1])
})

test('F07 nothing but PAD, nothing but END, and both by turns', async () => {
  const areas = [
    Array(400).fill(0),
    Array(400).fill(255),
    Array.from({ length: 400 }, (_, at) => (at % 2 ? 255 : 0)),
  ]
  const { sent, counts } = await survives(areas.map(area => raw(area)))
  expect(sent).toEqual([])
  expect(new Set(counts)).toEqual(new Set(['ignore: BOOTP is off']))
})

test('F08 option 82 five times 255 octets, and with broken sub-options', async () => {
  const huge = Array.from({ length: 5 }, () => [82, 255, ...Array(255).fill(1)]).flat()
  const broken = [
    [82, 4, 1, 200, 0, 0],
    [82, 2, 1, 0],
    [82, 1, 5],
    [82, 3, 5, 1, 9],
    [82, 0],
  ]
  const all = [huge, ...broken].map(option =>
    raw([53, 1, 1, ...option, 255])
      .with(24, 10)
      .with(25, 77)
      .with(27, 9),
  )
  const { sent, counts } = await survives(all, unicastFrom(ip('10.77.0.9'), 67))
  expect(counts).toContain('ignore: no room for the reply')
  expect(sent).toHaveLength(5)
})

test('F09 option 82 larger than the room: other options go, 82 never', async () => {
  const subnet = subnetOf({ domain: 'd'.repeat(200) })
  const info = Array(200).fill(5)
  const bytes = raw([53, 1, 1, 82, 200, ...info, 57, 2, 2, 64, 255])
    .with(24, 10)
    .with(25, 77)
    .with(27, 9)
  const { sent } = await survives([bytes], unicastFrom(ip('10.77.0.9'), 67), subnet)
  expect(sent[0]?.bytes.length).toBeLessThanOrEqual(548)
  expect(sent[0]?.packet.options.get(82)).toEqual(Uint8Array.from(info))
})

test('F10 FQDN of 0 to 3 octets, with a label too long, unterminated, with pointers', async () => {
  const values = [
    [],
    [0],
    [0, 0],
    [0, 0, 0],
    [0, 0, 0, 64, ...Array(64).fill(97)],
    [0, 0, 0, 5, 97],
    [0, 0, 0, 0xc0, 3],
  ]
  const { sent } = await survives(values.map(value => raw([53, 1, 1, 81, value.length, ...value, 255])))
  expect(sent).toHaveLength(values.length)
})

test.each([
  ['F11 a NUL inside', [97, 0, 98], 'a'],
  ['F11 control octets', [97, 10, 98], undefined],
  ['F11 255 octets', Array(255).fill(97), undefined],
  ['F11 a shell command', [...'$(reboot)'].map(letter => letter.charCodeAt(0)), undefined],
])('%s in a host name never reach the lease', async (_name, name, stored) => {
  const scene = await sceneOf(subnetOf(), { nowMs: 0 })
  const address = await lease(scene, MACHINE, [[12, name]])
  expect(scene.leases.table.leaseAt(address)?.hostName).toBe(stored)
  expectHarmless(scene)
})

test('F12 a user class whose inner lengths run past its end', async () => {
  const values = [[255, 105, 80, 88, 69], [5, 105, 80, 88, 69], [0, 0, 0], [4]]
  const { sent } = await survives(values.map(value => raw([53, 1, 1, 77, value.length, ...value, 255])))
  expect(sent).toHaveLength(values.length)
})

test('F13 architectures of 0, 1 and 255 octets, machine ids of 16 and 18 and of another type', async () => {
  const options = [
    [93, 0],
    [93, 1, 0],
    [93, 255, ...Array(255).fill(9)],
    [97, 16, ...Array(16).fill(1)],
    [97, 18, ...Array(18).fill(0)],
    [97, 17, 7, ...Array(16).fill(1)],
  ]
  const { sent, events } = await survives(
    options.map(option => raw([53, 1, 1, 60, 9, 80, 88, 69, 67, 108, 105, 101, 110, 116, ...option, 255])),
  )
  expect(sent.map(({ packet }) => packet.options.get(97)?.length)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    17,
  ])
  expect(events).toHaveLength(6)
})

test('F14 option 43 with a sub-length past its end, and a boot item of two octets', async () => {
  const values = [[6, 200, 8], [71, 2, 0, 0], [71], [255], []]
  const { sent } = await survives(values.map(value => raw([53, 1, 1, 43, value.length, ...value, 255])))
  expect(sent).toHaveLength(values.length)
})
