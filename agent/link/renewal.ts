/** Never sooner: a node whose clock is ahead sees every certificate as ended. */
const SOONEST_MS = 3_600_000
/** Never later, a third of a certificate's 30 days: a dead CMOS battery makes it look good for decades. */
const LATEST_MS = 10 * 86_400_000

/** Milliseconds until a certificate that is good for `lifeLeftMs` by the node's own clock is to be renewed. */
export function renewAfterMs(lifeLeftMs: number): number {
  return Math.min(Math.max(lifeLeftMs / 2, SOONEST_MS), LATEST_MS)
}
