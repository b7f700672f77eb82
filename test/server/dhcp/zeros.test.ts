import { describe, expect, it } from 'vitest'
import { zeros } from '../../../server/dhcp/zeros.ts'

describe('zeros', () => {
  it('gives octets that nobody else has, however many were given before', () => {
    // Enough for several blocks, of lengths that do not fit into one evenly.
    const all = Array.from({ length: 450 }, (_, index) => zeros(300 + (index % 13)))
    for (const [index, octets] of all.entries()) {
      expect(octets).toHaveLength(300 + (index % 13))
      expect(octets.every(octet => octet === 0)).toBe(true)
      octets.fill(index % 251)
    }
    for (const [index, octets] of all.entries())
      expect(octets.every(octet => octet === index % 251)).toBe(true)
  })

  it('gives much by itself', () => {
    const octets = zeros(100_000)
    expect(octets).toHaveLength(100_000)
    expect(octets.buffer.byteLength).toBe(100_000)
  })
})
