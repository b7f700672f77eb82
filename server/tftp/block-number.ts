/** What follows block 65535 on the wire: 0, as every client we met expects, or 1 for a few old ones. */
export type Rollover = 0 | 1

/** The 16-bit number that block `block`, counted from 1 without end, has on the wire. Block 0 is the OACK's. */
export function wireBlock(block: number, rollover: Rollover): number {
  return rollover === 0 || block === 0 ? block & 0xffff : ((block - 1) % 65_535) + 1
}

/**
 * How far the wire number `wire` lies ahead of block `base`, modulo the numbers in use; -1 for the one just before it,
 * which with windows of at most 64 blocks can mean nothing else.
 */
export function blocksAhead(wire: number, base: number, rollover: Rollover): number {
  if (rollover === 0) {
    const ahead = (wire - base) & 0xffff
    return ahead === 0xffff ? -1 : ahead
  }
  if (wire === 0) return base === 1 ? -1 : Number.POSITIVE_INFINITY
  const ahead = (wire - wireBlock(base, 1) + 65_535) % 65_535
  return ahead === 65_534 ? -1 : ahead
}
