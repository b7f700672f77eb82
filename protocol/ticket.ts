import * as z from 'zod'
import { NodeId, ProcessId } from '../config/values/node-id.ts'

/** JOSE header and claims every ticket has: a JWT signed with EdDSA by the server's ticket key. */
export const TICKET_ALGORITHM = 'EdDSA'
export const TICKET_ISSUER = 'godwit'

/**
 * The right to start one process on one node in one boot of that node, once. `memoryMaxBytes` becomes the cgroup's
 * memory.max, `null` is no limit. `specSha256` (hex) ties the ticket to one {@link RunSpec}.
 */
export const TicketClaims = z.object({
  jti: ProcessId,
  sub: NodeId,
  bootId: z.string(),
  specSha256: z.string().regex(/^[0-9a-f]{64}$/),
  memoryMaxBytes: z.number().int().positive().nullable(),
})
export type TicketClaims = z.output<typeof TicketClaims>
