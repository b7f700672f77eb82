import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseControlLine } from '../../lab/control.ts'

test.each([
  { op: 'power-on', name: 'bios1' },
  { op: 'power-off', name: 'uefi1' },
  { op: 'add-machine', firmware: 'bios' },
  { op: 'add-machine', firmware: 'uefi', name: 'small', memoryMiB: 128, cpus: 1 },
  { op: 'restart-server' },
])('%j is a request', request => {
  expect(parseControlLine(JSON.stringify(request))).toEqual({ kind: 'request', request })
})

test.each([
  ['', 'not JSON'],
  ['{"op":', 'not JSON'],
  ['null', 'Invalid input'],
  ['{"op":"explode"}', 'op'],
  ['{"op":"power-on"}', 'name'],
  ['{"op":"power-on","name":"../x"}', 'machine name'],
  ['{"op":"add-machine","firmware":"bios","memoryMiB":1}', 'memoryMiB'],
  ['{"op":"restart-server","now":true}', 'now'],
  [`"${'x'.repeat(5000)}"`, 'too long'],
])('%s is refused with a reason', (line, reason) => {
  expect(parseControlLine(line)).toEqual({ kind: 'bad', reason: expect.stringContaining(reason) })
})

test('no line throws', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), line => void parseControlLine(line)))
})
