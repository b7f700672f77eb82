import type { ImageDigest } from '../config/values/node-id.ts'
import { ChannelPointer, Manifest } from '../protocol/manifest.ts'

/** An image that is there. */
export type CatalogImage = { readonly digest: ImageDigest; readonly manifest: Manifest; readonly dir: string }

/** Where a channel leads, or why nowhere. */
export type ResolvedChannel =
  | ({ readonly kind: 'image' } & CatalogImage)
  | {
      readonly kind: 'missing'
      readonly reason: 'no such channel' | 'channel file is damaged' | 'image is not there'
    }

/** A manifest out of its file's text; `undefined` when it is not one of ours. */
export function parseManifest(text: string): Manifest | undefined {
  return Manifest.safeParse(parseJson(text)).data
}

/** A channel pointer out of its file's text; `undefined` when it is not one. */
export function parsePointer(text: string): ChannelPointer | undefined {
  return ChannelPointer.safeParse(parseJson(text)).data
}

/** Newest first; images of the same second in the order of their digests. */
export function newestFirst(images: readonly CatalogImage[]): readonly CatalogImage[] {
  return [...images].sort(
    (a, b) => b.manifest.createdAt.localeCompare(a.manifest.createdAt) || a.digest.localeCompare(b.digest),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
