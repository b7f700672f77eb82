import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decode } from '../../../server/dhcp/decode.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { captureBytes, dhcpCaptureNames } from './captures.ts'
import { packetOf } from './scene.ts'

/** A minimal request whose option field holds exactly `options`, with `file` and `sname` as given. */
function raw(
  options: readonly number[],
  file: readonly number[] = [],
  sname: readonly number[] = [],
): Uint8Array {
  const bytes = new Uint8Array(Math.max(300, 240 + options.length))
  bytes.set(encode(packetOf({})).subarray(0, 240))
  bytes.set(sname, 44)
  bytes.set(file, 108)
  bytes.set(options, 240)
  return bytes.subarray(0, 240 + options.length)
}

function optionsOf(bytes: Uint8Array): Readonly<Record<number, readonly number[]>> {
  const decoded = decode(bytes)
  if (decoded.kind === 'malformed') throw new Error(decoded.reason)
  return Object.fromEntries([...decoded.packet.options].map(([code, value]) => [code, [...value]]))
}

/** With the options as a map, which compares whatever their order. */
function plain(decoded: ReturnType<typeof decode>) {
  if (decoded.kind === 'malformed') throw new Error(decoded.reason)
  return { ...decoded, packet: { ...decoded.packet, options: new Map(decoded.packet.options) } }
}

describe('recorded clients', () => {
  test.each(dhcpCaptureNames)('C001 %s survives decode, encode, decode', name => {
    const first = decode(captureBytes(name))
    expect(first).toMatchObject({ kind: 'packet', flaws: [] })
    if (first.kind === 'packet') expect(plain(decode(encode(first.packet)))).toEqual(plain(first))
  })
})

describe('option field', () => {
  test.each<[string, readonly number[], Readonly<Record<number, readonly number[]>>]>([
    ['C008 PAD anywhere is skipped', [0, 53, 1, 1, 0, 0, 12, 1, 65, 0, 255], { 53: [1], 12: [65] }],
    ['C009 a missing END is tolerated', [53, 1, 1], { 53: [1] }],
    ['C010 what follows END is ignored', [53, 1, 1, 255, 12, 1, 65], { 53: [1] }],
    ['repeats are joined (RFC 3396)', [53, 1, 1, 77, 1, 1, 77, 2, 2, 3, 255], { 53: [1], 77: [1, 2, 3] }],
    ['a repeated fixed-size option counts once', [53, 1, 1, 53, 1, 3, 255], { 53: [1] }],
    ['C012 an empty client id is absent', [53, 1, 1, 61, 0, 255], { 53: [1] }],
    ['an odd architecture list is absent', [53, 1, 1, 93, 3, 0, 7, 0, 255], { 53: [1] }],
    ['a short machine id is absent', [53, 1, 1, 97, 2, 0, 1, 255], { 53: [1] }],
    ['C011 a cut-off option we do not use is left out', [53, 1, 1, 12, 9, 65], { 53: [1] }],
  ])('%s', (_name, bytes, expected) => {
    expect(optionsOf(raw(bytes))).toEqual(expected)
  })

  test.each<[string, readonly number[], string]>([
    ['C011 a cut-off requested address', [53, 1, 1, 50, 4, 10], 'an option runs past the end'],
    ['a cut-off option before the type', [12, 9, 65], 'an option runs past the end'],
    ['C011 a lone code as last octet', [12], 'an option runs past the end'],
    ['a type of two octets', [53, 2, 1, 1, 255], 'option 53 has a wrong length'],
    [
      'a requested address of three octets',
      [53, 1, 3, 50, 3, 10, 77, 0, 255],
      'option 50 has a wrong length',
    ],
    ['a server id of five octets', [53, 1, 3, 54, 5, 10, 77, 0, 1, 1, 255], 'option 54 has a wrong length'],
  ])('%s makes the packet unusable', (_name, bytes, reason) => {
    expect(decode(raw(bytes))).toEqual({ kind: 'malformed', reason })
  })
})

describe('overload (RFC 2131 §4.1)', () => {
  const inFile = [77, 2, 2, 2, 255]
  const inSname = [77, 1, 3, 255]
  test.each<[number, readonly number[]]>([
    [1, [1, 2, 2]],
    [2, [1, 3]],
    [3, [1, 2, 2, 3]],
    [4, [1]],
  ])('C013 value %i joins in the order options, file, sname', (overload, joined) => {
    const bytes = raw([53, 1, 1, 77, 1, 1, 52, 1, overload, 255], inFile, inSname)
    expect(optionsOf(bytes)[OPTION.userClass]).toEqual(joined)
  })

  test('C014 an overload option inside an overloaded field means nothing', () => {
    const bytes = raw([53, 1, 1, 52, 1, 1, 255], [52, 1, 3, 255], inSname)
    expect(optionsOf(bytes)).toEqual({ 53: [1] })
  })
})

describe('header', () => {
  const good = captureBytes('dhcp_dhclient_discover')
  test.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['239 bytes', bytes => bytes.subarray(0, 239), 'shorter than 240 bytes'],
    ['C003 another cookie', bytes => bytes.with(239, 0), 'no DHCP cookie'],
    ['hlen 17', bytes => bytes.with(2, 17), 'hlen above 16'],
    ['hlen 255', bytes => bytes.with(2, 255), 'hlen above 16'],
  ])('%s is refused', (_name, change, reason) => {
    expect(decode(change(good))).toEqual({ kind: 'malformed', reason })
  })

  test('240 bytes without any option are a packet', () => {
    expect(decode(good.subarray(0, 240)).kind).toBe('packet')
  })
})

describe('properties', () => {
  const capture = fc.constantFrom(...dhcpCaptureNames).map(captureBytes)
  const mutated = fc
    .tuple(
      capture,
      fc.array(fc.tuple(fc.nat({ max: 411 }), fc.nat({ max: 255 })), { maxLength: 12 }),
      fc.nat({ max: 420 }),
    )
    .map(([bytes, changes, length]) => {
      const copy = Uint8Array.from(bytes)
      for (const [at, value] of changes) if (at < copy.length) copy[at] = value
      return copy.subarray(0, length)
    })

  test('decode never throws, and what it takes encodes to 300 bytes or more and back to itself', () => {
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ minLength: 0, maxLength: 1500 })), bytes => {
        const decoded = decode(bytes)
        if (decoded.kind === 'malformed') return
        const again = encode(decoded.packet)
        expect(again.length).toBeGreaterThanOrEqual(300)
        expect(plain(decode(again))).toMatchObject({ kind: 'packet', packet: plain(decoded).packet })
      }),
      { numRuns: 2000 },
    )
  })
})
