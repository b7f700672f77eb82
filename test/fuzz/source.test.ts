import { expect, it } from 'vitest'
import { build, type Parts } from './dhcp/build.ts'
import { flawOf } from './dhcp/reply-rules.ts'
import { createDhcpSource } from './dhcp/source.ts'
import { createResponses } from './http/responses.ts'
import { malformed, wellFormed } from './http/source.ts'
import { createRandom } from './random.ts'
import { optionsOf } from './tftp/reply-rules.ts'
import { createTftpSource, readRecorded } from './tftp/source.ts'

const RECORDED = [build({ options: [[53, [1]]] })]
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

it('makes the same packets of the same seed, others of another', () => {
  const rows = [1, 1, 2].map(seed => {
    const random = createRandom(seed)
    const [dhcp, tftp] = [createDhcpSource(RECORDED, random), createTftpSource(RECORDED, random)]
    return Array.from({ length: 300 }, () =>
      [hex(dhcp()), hex(tftp().bytes), wellFormed(random).text, hex(malformed(random))].join(),
    )
  })
  expect(rows[0]).toEqual(rows[1])
  expect(rows[0]).not.toEqual(rows[2])
})

it('reads recorded TFTP requests', () => {
  const line = String.raw`('10.77.0.99', 41254) b'\x00\x01k1\x00octet\x00'`
  expect(readRecorded(`# comment\n${line}\n`).map(hex)).toEqual(['00016b31006f6374657400'])
})

it('sees what is wrong with replies', () => {
  const from = { address: '10.96.0.1', port: 67 }
  const reply = {
    op: 2,
    options: [
      [53, [5]],
      [54, [10, 96, 0, 1]],
    ],
    tail: new Uint8Array(100).fill(255),
  } as const
  expect(flawOf(build(reply), from)).toBeUndefined()
  expect(flawOf(build({ ...reply, op: 1 }), from)).toMatch(/no BOOTREPLY/)
  expect(flawOf(build({ ...reply, tail: new Uint8Array(2000) }), from)).toMatch(/bytes/)
  expect(flawOf(build({ ...reply, yiaddr: [192, 0, 2, 1] }), from)).toMatch(/192\.0\.2\.1/)
  expect(flawOf(build({ ...reply, options: [[53, [5]]] }), from)).toMatch(/whose/)
  const override: NonNullable<Parts['options']> = [
    [53, [5]],
    [54, [192, 0, 2, 1]],
    [82, [11, 4, 192, 0, 2, 1]],
  ]
  expect(flawOf(build({ ...reply, options: override }), from)).toBeUndefined()
  expect(flawOf(build(reply), { ...from, port: 1067 })).toMatch(/port/)
  expect(optionsOf(new TextEncoder().encode('\0\u0006blksize\x001428\0'))?.get('blksize')).toBe('1428')
  expect(optionsOf(new TextEncoder().encode('\0\u0006blksize\x001428'))).toBeUndefined()
})

it('reads pipelined answers in pieces', () => {
  const methods = ['GET', 'HEAD', 'GET']
  const responses = createResponses(() => methods.shift())
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n'
  expect(responses.take(Buffer.from(`${head}ab`))).toEqual([200])
  expect(responses.take(Buffer.from(`c${head}${head.slice(0, 9)}`))).toEqual([200])
  expect(responses.take(Buffer.from(`${head.slice(9)}abc`))).toEqual([200])
  expect(responses.take(Buffer.from(head))).toMatch(/nobody asked/)
  const part = 'HTTP/1.1 206 Partial\r\nContent-Length: 3\r\nContent-Range: bytes 0-3/9\r\n\r\n'
  expect(createResponses(() => 'GET').take(Buffer.from(part))).toMatch(/wrong length/)
  expect(
    createResponses(() => 'GET').take(Buffer.from('HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n')),
  ).toMatch(/own fault/)
})
