/** Placements elsewhere, and time, that a node judged slow must have been passed over for. */
const PASSED_OVER_PLACEMENTS = 50
const PASSED_OVER_MS = 10 * 60_000

/** When a node was last given something, and how many placements there had been by then. */
export type LastPlaced = { readonly atMs: number; readonly placements: number }

/** What a node is judged by when it may be tried again: speeds believed in, and placements of the whole cluster. */
export type ProbeQuestion = {
  readonly speed: number
  readonly medianSpeed: number
  readonly last: LastPlaced
  readonly placements: number
  /** How many there had been at the last try of any node. */
  readonly lastProbe: number
  readonly nowMs: number
}

/**
 * Whether a node should be tried again although it is judged slow: a judgement that sends nothing more is never
 * corrected. Of 50 placements one at most is such a try, however many nodes wait for it. (In icecream's scheduler at
 * fcf8c51 the weight of this very branch is (255-120)/255 in integers, which is 0: a machine once judged slow stays so.)
 */
export function isProbeDue(question: ProbeQuestion): boolean {
  const { speed, medianSpeed: median, last, placements, lastProbe, nowMs } = question
  if (speed >= median || placements - lastProbe < PASSED_OVER_PLACEMENTS) return false
  const passedOver = placements - last.placements
  return passedOver >= PASSED_OVER_PLACEMENTS && nowMs - last.atMs >= PASSED_OVER_MS
}
