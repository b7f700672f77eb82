const OFFSET_BASIS = 0x811c_9dc5
const PRIME = 0x0100_0193

/** FNV-1a, 32 bits (Fowler, Noll, Vo), of an ASCII text: spreads names that differ in their last character only. */
export function fnv1a(text: string): number {
  let state = OFFSET_BASIS
  for (let index = 0; index < text.length; index += 1)
    state = Math.imul(state ^ text.charCodeAt(index), PRIME)
  return state >>> 0
}
