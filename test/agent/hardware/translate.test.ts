import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { probeHardware } from '../../../agent/hardware/probe.ts'
import { numberOf, textOf } from '../../../agent/hardware/raw.ts'
import { translateHardware } from '../../../agent/hardware/translate.ts'
import { Hardware } from '../../../protocol/hardware.ts'
import { BARE, FIRECRACKER, OFFICE_PC } from './fixtures.ts'

describe('an office PC', () => {
  const hardware = translateHardware(OFFICE_PC)
  test('has a processor with its highest clock', () => {
    expect(hardware.cpu).toMatchObject({ vendor: 'GenuineIntel', cores: 4, threads: 4, mhz: 3600 })
    expect(hardware.cpu.flags).toEqual(['fpu', 'sse2', 'avx'])
  })
  test('has the kernel’s name for it, without marks and gaps', () => {
    expect(hardware.cpu.model).toBe('Intel Core2 Duo CPU E8400 @ 3.00GHz')
  })
  test('has the modules that are there, not the empty slots', () => {
    expect(hardware.memory.modules).toEqual([
      { sizeBytes: 4_294_967_296, type: 'DDR3', mhz: 1600, slot: 'BANK 0' },
      { sizeBytes: 4_294_967_296, type: 'DDR3', mhz: 1600, slot: 'BANK 2' },
    ])
  })
  test('has one disk, not its partitions, the CD drive or our own loop device', () => {
    expect(hardware.disks).toEqual([
      { name: 'sda', model: 'Samsung SSD 840', serial: 'S1AX', sizeBytes: 120_034_123_776, kind: 'SSD' },
    ])
  })
  test('has both its NICs, the one without cable and address too', () => {
    expect(hardware.nics.map(({ name, speedMbps, carrier, ip }) => [name, speedMbps, carrier, ip])).toEqual([
      ['eno1', 1000, true, '10.77.0.20'],
      ['enp3s0', null, false, null],
    ])
  })
  test('has names from SMBIOS, less the placeholders of vendors', () => {
    expect(hardware.board).toEqual({ vendor: 'Dell Inc.', model: '0GY6Y8', serial: '' })
    expect(hardware.system.uuid).toBe('4c4c4544-0041-4210-8043-c7c04f313233')
    expect(hardware.firmware).toEqual({
      kind: 'uefi',
      vendor: 'Dell Inc.',
      version: 'A29',
      date: '2018-06-28',
    })
  })
})

test('a virtual machine without SMBIOS has no invented module, name, disk or NIC', () => {
  const hardware = translateHardware(FIRECRACKER)
  expect(hardware.memory.modules).toEqual([])
  expect(hardware.system).toEqual({ vendor: '', model: '', serial: '', uuid: '' })
  expect(hardware.disks.map(({ name }) => name)).toEqual(['vda'])
  expect(hardware.nics.map(({ name }) => name)).toEqual(['eth0'])
  expect(hardware.missingTools).toEqual(['dmidecode'])
})

test('whatever the reader answers, the result fits the protocol', () => {
  const fields = fc.dictionary(
    fc.constantFrom(
      'size',
      'name',
      'type',
      'speed',
      'physicalCores',
      'flags',
      'model',
      'bank',
      'device',
      'uuid',
    ),
    fc.oneof(
      fc.string({ maxLength: 400 }),
      fc.double(),
      fc.constant(null),
      fc.boolean(),
      fc.object({ maxDepth: 1 }),
    ),
  )
  fc.assert(
    fc.property(fields, fc.array(fields, { maxLength: 3 }), fc.nat(300), (one, many, threads) => {
      const raw = { ...BARE, cpu: one, system: one, baseboard: one, bios: one, threads }
      const hardware = translateHardware({ ...raw, memoryModules: many, disks: many, blockDevices: many })
      expect(Hardware.safeParse(hardware).error).toBeUndefined()
    }),
  )
})

test.each([
  [{ x: ' Dell ' }, 'Dell'],
  [{ x: 'Default string' }, ''],
  [{ x: '-' }, ''],
  [{ x: '00000000' }, ''],
  [{ x: null }, ''],
  [{}, ''],
  [{ x: 7 }, '7'],
])('text of %j', (fields, text) => {
  expect(textOf(fields, 'x')).toBe(text)
})

test.each([
  [{ x: 3.2 }, 3.2],
  [{ x: '16' }, 16],
  [{ x: -1 }, 0],
  [{ x: Number.NaN }, 0],
  [{}, 0],
])('number of %j', (fields, number) => {
  expect(numberOf(fields, 'x')).toBe(number)
})

test('this very machine can be read', { timeout: 60_000 }, async () => {
  const hardware = translateHardware(await probeHardware())
  expect(Hardware.parse(hardware)).toEqual(hardware)
  expect(hardware.cpu.threads).toBeGreaterThan(0)
  expect(hardware.memory.totalBytes).toBeGreaterThan(1e8)
  expect(hardware.kernel).not.toBe('')
})
