import * as z from 'zod'

/** A node's stable name in records and certificates: `n-` and the twelve hex digits of the MAC it joined with. */
export const NodeId = z
  .string()
  .regex(/^n-[0-9a-f]{12}$/)
  .brand<'NodeId'>()
export type NodeId = z.output<typeof NodeId>

/** A process of ours: `p-` and 10 base-32 characters, unique for the life of the cluster. */
export const ProcessId = z
  .string()
  .regex(/^p-[0-9a-hjkmnp-tv-z]{10}$/)
  .brand<'ProcessId'>()
export type ProcessId = z.output<typeof ProcessId>

/** An image's name: the SHA-256 of its manifest in hex. */
export const ImageDigest = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a digest is 64 hex digits')
  .brand<'ImageDigest'>()
export type ImageDigest = z.output<typeof ImageDigest>
