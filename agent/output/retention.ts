/** Octets that are kept of the output of one process; of a longer one, its end. They lie in the node's RAM. */
export const OUTPUT_KEPT_BYTES = 1 << 20
/** The same for all processes together that are over. */
export const ENDED_KEPT_BYTES = 16 << 20
/** Of how many of these, and for how long after their end. */
const ENDED_KEPT_MAX = 1000
const ENDED_KEPT_MS = 24 * 3_600_000

/** The output of a process that is over, as far as that decides whether it is kept. */
export type EndedOutput = { readonly id: string; readonly endedAtMs: number; readonly sizeBytes: number }

/** Whose output is to be forgotten now: what is old, and of the rest the oldest until what is left fits. */
export function toForget(ended: readonly EndedOutput[], nowMs: number): readonly string[] {
  const newestFirst = [...ended].sort((a, b) => b.endedAtMs - a.endedAtMs)
  let leftBytes = ENDED_KEPT_BYTES
  return newestFirst.flatMap(({ id, endedAtMs, sizeBytes }, index) => {
    leftBytes -= sizeBytes
    const isKept = index < ENDED_KEPT_MAX && leftBytes >= 0 && nowMs - endedAtMs < ENDED_KEPT_MS
    return isKept ? [] : [id]
  })
}
