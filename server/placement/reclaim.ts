import { RECLAIM_HALF_LIFE_MS, RECLAIM_MARGIN, YOUNG_MS } from './tuning.ts'

/** What a process was promised, how long ago, and how long such processes usually live (`null`: not known). */
export type Promised = {
  readonly memoryBytes: number
  readonly ageMs: number
  readonly lifeMs: number | null
}

/**
 * How much of its promise a process still holds, when its node reports that it uses `usedBytes` (`null`: the kernel
 * does not count). Whole while it is young, by the clock or by the life of its like; then it decays towards the use
 * and a margin, as Borg reclaims (Verma and others, EuroSys 2015, §5.5). Never more than was promised.
 */
export function heldBytes({ memoryBytes, ageMs, lifeMs }: Promised, usedBytes: number | null): number {
  if (usedBytes === null) return memoryBytes
  const oldMs = ageMs - Math.max(YOUNG_MS, lifeMs ?? 0)
  const leastBytes = usedBytes * RECLAIM_MARGIN
  if (oldMs <= 0 || leastBytes >= memoryBytes) return memoryBytes
  return Math.ceil(leastBytes + (memoryBytes - leastBytes) * 0.5 ** (oldMs / RECLAIM_HALF_LIFE_MS))
}
