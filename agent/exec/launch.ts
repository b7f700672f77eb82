import type { TicketClaims } from '../../protocol/ticket.ts'
import { FRAME, type Frame, frameOf } from '../../streams/frame.ts'
import { encodeTagged } from '../../streams/tagged.ts'

/** The kernel's own cpu.weight (cgroups(7)), which is for a process that keeps one thread busy, and the largest. */
const WEIGHT_PER_THREAD = 100
const WEIGHT_MAX = 10_000

/** Where processes of this node live: the folder for cgroups, where it has them, and the most tasks one may have. */
export type LaunchPlace = { readonly base: string | undefined; readonly pidsMax: number }

/**
 * What the keeper is told of where and as whom a process is to live; the request follows it. Without cgroups only its
 * session holds it together. Where processors are short, each gets its share by the threads that placement counted for
 * it. Of the groups that the request names it gets `groups`, or all where that is `undefined`.
 */
export function launchFrame(
  { base, pidsMax }: LaunchPlace,
  { jti, memoryMaxBytes, threads = 1 }: TicketClaims,
  groups: readonly number[] | undefined,
): Frame {
  const kept = groups === undefined ? [] : ([['G', groups.join(',')]] as const)
  if (base === undefined) return frameOf(FRAME.launch, encodeTagged(kept))
  const limit = memoryMaxBytes === null ? [] : ([['x', memoryMaxBytes]] as const)
  const weight = Math.min(WEIGHT_MAX, Math.max(1, Math.round(threads * WEIGHT_PER_THREAD)))
  const place = [
    ['c', `${base}/${jti}`],
    ['w', weight],
    ['q', pidsMax],
  ] as const
  return frameOf(FRAME.launch, encodeTagged([...place, ...limit, ...kept]))
}
