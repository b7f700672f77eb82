import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toNetascii } from '../../../server/tftp/netascii.ts'
import { octets } from './octets.ts'

/** The way back, as a receiver does it (RFC 764). */
const fromNetascii = (text: string): string =>
  text.replace(/\r([\n\0])/g, (_, mark) => (mark === '\n' ? '\n' : '\r'))

describe('toNetascii', () => {
  const cases = [
    ['', ''],
    ['plain', 'plain'],
    ['a\nb\n', 'a\r\nb\r\n'],
    ['a\rb', 'a\r\0b'],
    ['a\r\nb', 'a\r\0\r\nb'],
    ['\n\n', '\r\n\r\n'],
    ['\0\xff', '\0\xff'],
  ] as const
  it.each(cases)('%j becomes %j', (local, network) => {
    expect(toNetascii(octets(local))).toEqual(octets(network))
  })

  it('is undone by the receiver, and the same however the stream is cut', () => {
    const texty = fc.array(fc.constantFrom(10, 13, 0, 65, 255), { maxLength: 60 })
    fc.assert(
      fc.property(texty, fc.nat(60), (codes, cut) => {
        const local = Uint8Array.from(codes)
        const whole = toNetascii(local)
        expect(octets(fromNetascii(String.fromCharCode(...whole)))).toEqual(local)
        const parts = [toNetascii(local.subarray(0, cut)), toNetascii(local.subarray(cut))]
        expect(Uint8Array.from(Buffer.concat(parts))).toEqual(whole)
      }),
    )
  })
})
