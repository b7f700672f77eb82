import type { TicketClaims } from '../../protocol/ticket.ts'
import { FRAME, type Frame, frameOf } from '../../streams/frame.ts'
import { encodeTagged } from '../../streams/tagged.ts'

/**
 * What the keeper is told of where a process is to live; the request follows it. `base` is the folder for cgroups,
 * `undefined` where this host has none: then only its session holds it together.
 */
export function launchFrame(base: string | undefined, claims: TicketClaims): Frame {
  if (base === undefined) return frameOf(FRAME.launch)
  const { jti, memoryMaxBytes } = claims
  const limit = memoryMaxBytes === null ? [] : ([['x', memoryMaxBytes]] as const)
  return frameOf(FRAME.launch, encodeTagged([['c', `${base}/${jti}`], ...limit]))
}
