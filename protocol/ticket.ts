import * as z from 'zod'
import { NodeId, ProcessId } from '../config/values/node-id.ts'

/**
 * The first part of every ticket, base64url of `{"alg":"HS256"}`: a ticket is a JWT (RFC 7519) signed by HMAC-SHA-256
 * (RFC 7518, section 3.2) with the key that only the server and this boot of this node have, and no other header is
 * accepted.
 */
export const TICKET_HEADER = 'eyJhbGciOiJIUzI1NiJ9'
/** The `iss` claim of every ticket. */
export const TICKET_ISSUER = 'godwit'

/**
 * The right to start one process on one node in one boot of that node, once. `memoryMaxBytes` becomes the cgroup's
 * memory.max, `null` is no limit. `specSha256` (hex) ties the ticket to one {@link RunSpec}.
 */
export const TicketClaims = z.object({
  jti: ProcessId,
  sub: NodeId,
  /** The kernel's id of that boot (the `kernelBootId` of the agent's hello). */
  bootId: z.string(),
  specSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** What placement reserved; the agent refuses when less than that is available at the moment of the start. */
  memoryBytes: z.number().int().nonnegative(),
  memoryMaxBytes: z.number().int().positive().nullable(),
  /** Threads that placement counted; absent in tickets of earlier servers. */
  threads: z.number().positive().optional(),
})
export type TicketClaims = z.output<typeof TicketClaims>
