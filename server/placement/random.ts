/** One step of mulberry32 (Tommy Ettinger, 2017, public domain): a number in [0, 1) from 32 bits of state. */
function mulberry32(state: number): number {
  const a = (state + 0x6d2b79f5) | 0
  let t = Math.imul(a ^ (a >>> 15), 1 | a)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
}

/**
 * A number in [0, 1) that is the same for the same `seed` and `name` (the FNV-1a of one) for ever. Drawn by name and
 * not in sequence, so that a node's luck does not change when another joins.
 */
export function drawn(seed: number, name: number): number {
  return mulberry32(Math.imul(seed | 0, 0x9e3779b1) ^ name)
}
