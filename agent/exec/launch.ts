import type { TicketClaims } from '../../protocol/ticket.ts'
import { FRAME, type Frame, frameOf } from '../../streams/frame.ts'
import { encodeTagged } from '../../streams/tagged.ts'

/**
 * What the keeper is told of where and as whom a process is to live; the request follows it. `base` is the folder for
 * cgroups, `undefined` where this host has none: then only its session holds it together. Of the groups that the
 * request names it gets `groups`, or all where that is `undefined`.
 */
export function launchFrame(
  base: string | undefined,
  { jti, memoryMaxBytes }: TicketClaims,
  groups: readonly number[] | undefined,
): Frame {
  const kept = groups === undefined ? [] : ([['G', groups.join(',')]] as const)
  const folder = base === undefined ? [] : ([['c', `${base}/${jti}`]] as const)
  const limit = base === undefined || memoryMaxBytes === null ? [] : ([['x', memoryMaxBytes]] as const)
  return frameOf(FRAME.launch, encodeTagged([...folder, ...limit, ...kept]))
}
