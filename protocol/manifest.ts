import * as z from 'zod'
import { ImageDigest } from '../config/values/node-id.ts'

const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 hex digits')

const ImageFile = z.object({
  name: z.string().regex(/^[\w.-]+$/, 'a file name without folders'),
  sizeBytes: z.number().int().positive(),
  sha256: Sha256Hex,
})
/** One file of an image: `name` in the image's folder. */
export type ImageFile = z.output<typeof ImageFile>

/**
 * What an image is. The SHA-256 of {@link manifestText} is the image's digest, and everything in it follows
 * from the build's input, so one input built twice on one day's archive has one name.
 */
export const Manifest = z.object({
  format: z.literal(1),
  name: z.string(),
  /** Digest of all that went into the build; the same recipe digest means nothing to build. */
  recipeDigest: Sha256Hex,
  /** ISO 8601, UTC. `SOURCE_DATE_EPOCH` when the builder set it. */
  createdAt: z.iso.datetime(),
  files: z.object({ root: ImageFile, kernel: ImageFile, initrd: ImageFile }),
  kernelVersion: z.string(),
  kernelArgs: z.array(z.string()),
  /** RAM (the kernel's MemTotal) below which a machine cannot run this image, see {@link ramNeed}. */
  ramNeedBytes: z.number().int().positive(),
  /** Version of every Debian package in it. */
  packages: z.record(z.string(), z.string()),
})
export type Manifest = z.output<typeof Manifest>

/** `channels/NAME` in the image folder: the image a channel points at. Rollback is writing an older digest. */
export const ChannelPointer = z.object({ digest: ImageDigest, setAt: z.iso.datetime() })
export type ChannelPointer = z.output<typeof ChannelPointer>

/** A channel's name is a file name too. */
export const ChannelName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,40}$/, 'lower case letters, digits, dot, dash, underscore')

/**
 * A machine's least RAM in bytes: the compressed root image lies in RAM whole (`rootSizeBytes`), and beside it
 * kernel, system, agent and a first program want `systemBytes`. The initrd's own memory is free again by then.
 */
export function ramNeed(rootSizeBytes: number, systemBytes: number): number {
  return rootSizeBytes + systemBytes
}

/** The canonical text of `manifest`: JSON, keys sorted at every level, no blanks, one newline at the end. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(sorted(manifest))}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, child]) => [key, sorted(child)]))
}
