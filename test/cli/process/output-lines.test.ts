import { expect, test } from 'vitest'
import { outputLines } from '../../../cli/process/output-lines.ts'

const piece = (stream: 'stdout' | 'stderr', bytes: Uint8Array, atMs = 7) => ({
  stream,
  atMs,
  data: Buffer.from(bytes).toString('base64'),
})
const part = (...pieces: readonly ReturnType<typeof piece>[]) => ({
  next: 1,
  droppedBytes: 0,
  ended: false,
  pieces: [...pieces],
})

test('each piece is a line with its stream and time; what is missing is told before', () => {
  const lines = outputLines()({ ...part(piece('stderr', Buffer.from('no\n'))), droppedBytes: 10 })
  expect(lines).toEqual([
    { event: 'dropped', bytes: 10 },
    { event: 'output', stream: 'stderr', atMs: 7, text: 'no\n' },
  ])
})

test('a letter in two halves is whole, also when the other stream comes between', () => {
  const letter = Buffer.from('\u00e4')
  const lines = outputLines()
  const first = lines(part(piece('stdout', letter.subarray(0, 1)), piece('stderr', Buffer.from('x'))))
  const second = lines(part(piece('stdout', letter.subarray(1))))
  const texts = [...first, ...second].map(line => (line.event === 'output' ? line.text : ''))
  expect(texts).toEqual(['', 'x', '\u00e4'])
})
