import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Terms } from '../../../server/tftp/options.ts'
import { PLAIN_TERMS } from '../../../server/tftp/options.ts'
import type { ClientHabits, Network } from './simulation.ts'
import { simulate } from './simulation.ts'

const QUIET: Network = { seed: 1, lossRate: 0, duplicateRate: 0, maxDelayMs: 0, maxLossesOfOne: 0 }
const PATIENT: ClientHabits = { acksEveryStray: false, leavesAtEnd: false, timeoutMs: 3000 }

const network: fc.Arbitrary<Network> = fc.record({
  seed: fc.integer(),
  lossRate: fc.double({ min: 0, max: 0.2, noNaN: true }),
  duplicateRate: fc.double({ min: 0, max: 0.3, noNaN: true }),
  maxDelayMs: fc.double({ min: 0.1, max: 30, noNaN: true }),
  maxLossesOfOne: fc.constant(2),
})
const habits: fc.Arbitrary<ClientHabits> = fc.record({
  acksEveryStray: fc.boolean(),
  leavesAtEnd: fc.boolean(),
  timeoutMs: fc.integer({ min: 800, max: 5000 }),
})
const windowSize = fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 64 }))

function terms(blockSizeBytes: number, windowSize: number): Terms {
  const accepted = windowSize > 1 ? [{ name: 'windowsize', value: String(windowSize) }] : []
  return { ...PLAIN_TERMS, blockSizeBytes, windowSize, accepted }
}

/** Content in which no two blocks are alike, so that a block in the wrong place shows. */
function content(sizeBytes: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + (index >> 8) * 7 + 1) & 0xff)
}

describe('a transfer over a network that loses, doubles and reorders', () => {
  it('delivers exactly the file, for every window and size', () => {
    const size = fc.oneof(
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 0, max: 90 }).map(blocks => blocks * 32),
    )
    fc.assert(
      fc.property(size, windowSize, network, habits, (sizeBytes, window, net, client) => {
        const file = content(sizeBytes)
        const result = simulate(file, terms(32, window), net, client)
        // Of one block without options only one ACK ever comes; when it is lost and the client gone, nobody can know.
        const isUnheard = sizeBytes < 32 && window === 1 && client.leavesAtEnd && result.outcome === 'timeout'
        expect(result.isFinished && (result.outcome === 'complete' || isUnheard)).toBe(true)
        expect(Buffer.compare(result.received, file)).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('never delivers anything but a beginning of the file and always ends, however much is lost', () => {
    const hopeless = network.map(net => ({ ...net, lossRate: 0.2 + net.lossRate * 4, maxLossesOfOne: 1e9 }))
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2000 }),
        windowSize,
        hopeless,
        habits,
        (size, window, net, client) => {
          const file = content(size)
          const result = simulate(file, terms(32, window), net, client)
          expect(result.reason).not.toBe('still running')
          expect(Buffer.compare(result.received, file.subarray(0, result.received.length))).toBe(0)
          if (result.isFinished) expect(result.received.length).toBe(size)
        },
      ),
      { numRuns: 200 },
    )
  })

  it('sends each block once on a quiet network', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), windowSize, (size, window) => {
        const result = simulate(content(size), terms(32, window), QUIET, PATIENT)
        expect(result).toMatchObject({ outcome: 'complete', dataPackets: Math.floor(size / 32) + 1 })
      }),
    )
  })

  it("sends each block once in lock-step although every datagram arrives twice (sorcerer's apprentice)", () => {
    const doubling = { ...QUIET, duplicateRate: 1, maxDelayMs: 5 }
    const result = simulate(content(3200), terms(32, 1), doubling, { ...PATIENT, acksEveryStray: true })
    expect(result.dataPackets).toBe(101)
  })
})

describe('block numbers beyond 65535', () => {
  const cases = [
    { blocks: 65_534, window: 1 },
    { blocks: 65_535, window: 16 },
    { blocks: 65_536, window: 64 },
    { blocks: 131_073, window: 7 },
  ]
  it.each(cases)('C130 wrap to 0: $blocks blocks, window $window', ({ blocks, window }) => {
    const file = content(blocks * 8)
    const result = simulate(file, terms(8, window), QUIET, PATIENT)
    expect(result).toMatchObject({ outcome: 'complete', isFinished: true, dataPackets: blocks + 1 })
    expect(Buffer.compare(result.received, file)).toBe(0)
  })

  it.each([1, 16])('wrap to 1 for the few that want it, window %i', window => {
    const file = content(131_075 * 8)
    const result = simulate(file, { ...terms(8, window), rollover: 1 }, QUIET, PATIENT)
    expect(result).toMatchObject({ outcome: 'complete', isFinished: true, dataPackets: 131_076 })
    expect(Buffer.compare(result.received, file)).toBe(0)
  })

  it('wrap while datagrams are lost', () => {
    const file = content(66_000 * 8 + 3)
    const lossy = { ...QUIET, lossRate: 0.01, maxLossesOfOne: 2 }
    const result = simulate(file, terms(8, 16), lossy, { ...PATIENT, acksEveryStray: true })
    expect(result).toMatchObject({ outcome: 'complete', isFinished: true })
    expect(Buffer.compare(result.received, file)).toBe(0)
  })
})
