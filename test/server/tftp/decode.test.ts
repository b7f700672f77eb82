import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from '../../../server/tftp/classify.ts'
import { decodeAnswer, decodeRequest } from '../../../server/tftp/decode.ts'
import { encodeError } from '../../../server/tftp/encode.ts'
import { octets, readRequest } from './octets.ts'

/** The recorded datagrams; the file holds them as Python bytes literals behind the sender. */
const recorded = readFileSync(new URL('../../fixtures/tftp/rrq-clients.txt', import.meta.url), 'utf8')
  .split('\n')
  .flatMap(line => {
    const literal = /b'(.*)'$/.exec(line)?.[1]
    return literal === undefined ? [] : [literal]
  })
  .map(literal =>
    octets(literal.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))),
  )

const name = (bytes: Uint8Array): string => String.fromCharCode(...bytes)

describe('requests of real clients', () => {
  it('are all read as what they are', () => {
    const read = recorded.map(bytes => {
      const request = decodeRequest(bytes)
      if (request.kind !== 'read') return request.kind
      const options = request.options.map(option => `${option.name}=${option.value}`)
      return [name(request.filename), request.mode, ...options].join(' ')
    })
    expect(read).toEqual([
      'big.bin octet tsize=0 blksize=512 timeout=6',
      'big.bin octet tsize=0 blksize=1428 timeout=6',
      't.txt octet',
      't.txt netascii tsize=0 blksize=512 timeout=6',
      '/etc/passwd octet tsize=0 blksize=512 timeout=6',
      '../../etc/passwd octet tsize=0 blksize=512 timeout=6',
      'refused',
      'big.bin octet tsize=0 blksize=1428 windowsize=8',
      't.txt octet',
      'k1 octet',
      't.txt netascii',
      'k1 octet tsize=0',
      'big.bin octet blksize=1468 tsize=0',
    ])
  })

  it('cut at any octet are read, refused or dropped, never more than was there', () => {
    for (const bytes of recorded)
      for (let length = 0; length < bytes.length; length++)
        expect(['read', 'refused', 'dropped']).toContain(classify(bytes.subarray(0, length)).kind)
  })
})

describe('decodeRequest', () => {
  const dropped = [
    ['nothing', '', 'shorter than an opcode'],
    ['one octet', '\x00', 'shorter than an opcode'],
    ['DATA', '\x00\x03\x00\x01abc', 'not a request'],
    ['ACK', '\x00\x04\x00\x01', 'not a request'],
    ['ERROR', '\x00\x05\x00\x01no\x00', 'not a request'],
    ['OACK', '\x00\x06tsize\x001\x00', 'not a request'],
    ['opcode 255', '\x00\xff', 'not a request'],
    ['opcode 256', '\x01\x00', 'not a request'],
    ['more than a frame', readRequest('x'.repeat(1500), 'octet'), 'request too long'],
  ] as const
  it.each(dropped)('C145 drops %s', (_, bytes, reason) => {
    expect(decodeRequest(octets(bytes))).toEqual({ kind: 'dropped', reason })
  })

  const refused = [
    ['only an opcode', '\x00\x01', 4, 'file name without end'],
    ['no NUL at all', '\x00\x01name', 4, 'file name without end'],
    ['an empty name', '\x00\x01\x00octet\x00', 1, 'empty file name'],
    ['a name of 500 octets', readRequest('x'.repeat(500), 'octet'), 2, 'file name too long'],
    ['no mode', '\x00\x01name\x00', 4, 'unknown mode'],
    ['mode mail', readRequest('name', 'mail'), 4, 'unknown mode'],
    ['a mode of 500 octets', readRequest('name', 'o'.repeat(500)), 4, 'unknown mode'],
    ['a write', '\x00\x02name\x00octet\x00', 2, 'writes not allowed'],
    ['a write cut short', '\x00\x02', 2, 'writes not allowed'],
  ] as const
  it.each(refused)('F28 refuses %s', (_, bytes, code, reason) => {
    expect(decodeRequest(octets(bytes))).toEqual({ kind: 'refused', code, reason })
  })

  const options = [
    ['mode without its NUL (embedded ROMs)', '\x00\x01f\x00octet', []],
    ['mode in capitals', '\x00\x01f\x00OcTeT\x00', []],
    ['name without value', '\x00\x01f\x00octet\x00blksize\x00', []],
    ['value without NUL', '\x00\x01f\x00octet\x00tsize\x000\x00blksize\x001468', ['tsize=0']],
    ['rubbish after the last NUL', '\x00\x01f\x00octet\x00tsize\x000\x00\xff\xff', ['tsize=0']],
    ['spelling kept', '\x00\x01f\x00octet\x00BlkSize\x001468\x00', ['BlkSize=1468']],
    ['empty value', '\x00\x01f\x00octet\x00blksize\x00\x00', ['blksize=']],
  ] as const
  it.each(options)('F33 reads options: %s', (_, bytes, expected) => {
    const request = decodeRequest(octets(bytes))
    if (request.kind !== 'read') throw new Error(request.reason)
    expect(request.options.map(option => `${option.name}=${option.value}`)).toEqual(expected)
  })

  it('F28 reads ten options of two hundred', () => {
    const request = decodeRequest(octets(readRequest('f', 'octet', Array(200).fill(['o', '1']))))
    expect(request).toMatchObject({ kind: 'read', options: { length: 10 } })
  })

  it('never throws, whatever comes', () => {
    const rubbish = fc.uint8Array({ maxLength: 600 })
    const nearly = rubbish.map(tail => Uint8Array.of(0, 1, ...tail))
    fc.assert(
      fc.property(fc.oneof(rubbish, nearly), bytes => void classify(bytes)),
      { numRuns: 2000 },
    )
  })
})

describe('decodeAnswer', () => {
  const answers = [
    ['ACK 0', '\x00\x04\x00\x00', { kind: 'ack', block: 0 }],
    ['ACK 65535', '\x00\x04\xff\xff', { kind: 'ack', block: 65535 }],
    ['ACK with a tail', '\x00\x04\x00\x01xyz', { kind: 'ack', block: 1 }],
    [
      'EDK2 after the size',
      '\x00\x05\x00\x08User aborted\x00',
      { kind: 'error', code: 8, message: 'User aborted' },
    ],
    ['ERROR without text', '\x00\x05\x00\x00', { kind: 'error', code: 0, message: '' }],
    ['an ERROR without NUL', '\x00\x05\x01\x00no', { kind: 'error', code: 256, message: 'no' }],
    [
      'ERROR for the terminal',
      '\x00\x05\x00\x00\x1b[2J\n\xff\x00',
      { kind: 'error', code: 0, message: '?[2J??' },
    ],
    ['DATA', '\x00\x03\x00\x01', { kind: 'dropped', reason: 'neither ACK nor ERROR' }],
    ['half an ACK', '\x00\x04\x00', { kind: 'dropped', reason: 'answer shorter than 4 octets' }],
  ] as const
  it.each(answers)('reads %s', (_, bytes, expected) => {
    expect(decodeAnswer(octets(bytes))).toEqual(expected)
  })

  it('F30 keeps 128 characters of an endless text', () => {
    expect(decodeAnswer(octets(`\x00\x05\x00\x00${'x'.repeat(1400)}`))).toMatchObject({
      message: 'x'.repeat(128),
    })
  })

  it('reads what encodeError writes, and never throws', () => {
    expect(decodeAnswer(encodeError(1, 'file not found'))).toEqual({
      kind: 'error',
      code: 1,
      message: 'file not found',
    })
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), bytes => void decodeAnswer(bytes)))
  })
})
