import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxBlockSizeBytes, negotiate, PLAIN_TERMS } from '../../../server/tftp/options.ts'

const LIMITS = { maxBlockSizeBytes: 1468, maxWindowSize: 16 }

/** The answer to `asked` ("name=value name=value") in the same writing. */
function answer(asked: string, sizeBytes: number | undefined = 12_345): string {
  const options = asked.split(' ').map(option => {
    const at = option.indexOf('=')
    return { name: option.slice(0, at), value: option.slice(at + 1) }
  })
  const { accepted } = negotiate(options, LIMITS, sizeBytes)
  return accepted.map(option => `${option.name}=${option.value}`).join(' ')
}

describe('negotiate', () => {
  const blockSizes = [
    ['blksize=8', 'blksize=8'],
    ['blksize=512', 'blksize=512'],
    ['blksize=1428', 'blksize=1428'],
    ['blksize=1468', 'blksize=1468'],
    ['blksize=1469', 'blksize=1468'],
    ['blksize=65464', 'blksize=1468'],
    ['blksize=7', ''],
    ['blksize=65465', ''],
    ['blksize=abc', ''],
  ] as const
  it.each(blockSizes)('C122 %s is answered with "%s"', (asked, expected) => {
    expect(answer(asked)).toBe(expected)
  })

  const oddNumbers = [
    ['blksize=', ''],
    ['blksize=-1', ''],
    ['blksize=+512', ''],
    ['blksize=0x200', ''],
    ['blksize=1e3', ''],
    ['blksize=512.0', ''],
    [`blksize=${'9'.repeat(500)}`, ''],
  ] as const
  it.each(oddNumbers)('F28 %s is answered with "%s"', (asked, expected) => {
    expect(answer(asked)).toBe(expected)
  })

  const windowSizes = [
    ['windowsize=1', 'windowsize=1'],
    ['windowsize=4', 'windowsize=4'],
    ['windowsize=16', 'windowsize=16'],
    ['windowsize=64', 'windowsize=16'],
    ['windowsize=65535', 'windowsize=16'],
    ['windowsize=0', ''],
    ['windowsize=65536', ''],
  ] as const
  it.each(windowSizes)('C125 %s is answered with "%s"', (asked, expected) => {
    expect(answer(asked)).toBe(expected)
  })

  const timeouts = [
    ['timeout=1', 'timeout=1'],
    ['timeout=6', 'timeout=6'],
    ['timeout=255', 'timeout=255'],
    ['timeout=0', ''],
    ['timeout=256', ''],
    ['timeout=x', ''],
  ] as const
  it.each(timeouts)('C124 %s is answered with "%s"', (asked, expected) => {
    expect(answer(asked)).toBe(expected)
  })

  const sizes = [
    ['tsize=0', 'tsize=12345'],
    ['tsize=99', 'tsize=12345'],
    ['tsize=-1', ''],
  ] as const
  it.each(sizes)('C121 %s is answered with "%s"', (asked, expected) => {
    expect(answer(asked)).toBe(expected)
  })

  const spellings = [['BLKSIZE=1468 TSize=0', 'BLKSIZE=1468 TSize=12345']] as const
  it.each(spellings)('C141 %s is answered with "%s"', (asked, expected) => {
    expect(answer(asked)).toBe(expected)
  })

  const several = [
    ['utimeout=500000 multicast= rollover=0', ''],
    ['blksize=512 BlkSize=1024', 'blksize=512'],
    ['blksize=abc blksize=1024', ''],
    ['tsize=0 blksize=1468 windowsize=4', 'tsize=12345 blksize=1468 windowsize=4'],
    ['windowsize=4 unknown=1 blksize=1432', 'windowsize=4 blksize=1432'],
  ] as const
  it.each(several)('C120 %s is answered with "%s"', (asked, expected) => {
    expect(answer(asked)).toBe(expected)
  })

  it('C121 leaves tsize out where the size on the wire is not known', () => {
    expect(negotiate([{ name: 'tsize', value: '0' }], LIMITS, undefined)).toEqual(PLAIN_TERMS)
  })

  it('C121 tells the sizes of huge files exactly', () => {
    expect(answer('tsize=0', 5_000_000_000_000)).toBe('tsize=5000000000000')
  })

  it('C120 answers nothing that was not asked and never more than was asked', () => {
    const option = fc.record({
      name: fc.constantFrom('blksize', 'windowsize', 'timeout', 'tsize', 'BLKSIZE', 'x'),
      value: fc.oneof(fc.nat(70_000).map(String), fc.string({ maxLength: 8 })),
    })
    fc.assert(
      fc.property(fc.array(option, { maxLength: 10 }), options => {
        const terms = negotiate(options, LIMITS, 7)
        expect(terms.windowSize).toBeLessThanOrEqual(16)
        expect(terms.blockSizeBytes).toBeLessThanOrEqual(1468)
        for (const { name, value } of terms.accepted) {
          const asked = options.find(candidate => candidate.name === name)
          if (name.toLowerCase() !== 'tsize') expect(Number(value)).toBeLessThanOrEqual(Number(asked?.value))
        }
        if (terms.accepted.length === 0) expect(terms).toEqual(PLAIN_TERMS)
      }),
    )
  })
})

describe('maxBlockSizeBytes', () => {
  const cases = [
    [1468, 1500, 1468],
    [1468, 1400, 1368],
    [65_464, 1500, 1468],
    [8192, 9000, 8192],
    [1468, undefined, 1468],
  ] as const
  it.each(cases)('below %i and on a link of %s octets is %i', (ceilingBytes, mtuBytes, expected) => {
    expect(maxBlockSizeBytes(ceilingBytes, mtuBytes)).toBe(expected)
  })
})
