import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ImageDigest } from '../../config/values/node-id.ts'
import { ChannelPointer, Manifest } from '../../protocol/manifest.ts'
import type { ImageChoice } from '../boot/prepare.ts'
import type { SendableFile } from '../http/send-file.ts'

/** What we read of a channel's file: where it points. */
const Pointer = ChannelPointer.pick({ digest: true })

/** The images of one folder, as the server sees them: resolved by channel, and file by file. */
export type ImageCatalog = {
  channel(name: string): Promise<ImageChoice>
  /** A file of an image for HTTP; `undefined` for anything its manifest does not name. */
  file(digest: string, name: string): Promise<SendableFile | undefined>
}

/** Reads `folder` on each request for a channel (pointers move), and each manifest once (images never change). */
export function openImageCatalog(folder: string): ImageCatalog {
  const manifests = new Map<string, Promise<Manifest>>()

  const manifest = (digest: ImageDigest): Promise<Manifest> => {
    const known = manifests.get(digest) ?? readManifest(folder, digest)
    manifests.set(digest, known)
    known.catch(() => manifests.delete(digest))
    return known
  }

  return {
    async channel(name) {
      try {
        const { digest } = Pointer.parse(JSON.parse(await readFile(join(folder, 'channels', name), 'utf8')))
        return { kind: 'image', digest, manifest: await manifest(digest) }
      } catch (error) {
        return { kind: 'none', reason: missingReason(name, error) }
      }
    },
    async file(digest, name) {
      const parsed = ImageDigest.safeParse(digest)
      const found = parsed.success ? await manifest(parsed.data).catch(() => undefined) : undefined
      const entry = found && Object.values(found.files).find(candidate => candidate.name === name)
      if (!parsed.success || entry === undefined) return undefined
      const path = join(folder, parsed.data, entry.name)
      const { size } = await stat(path)
      return { path, sizeBytes: size, etag: `"${entry.sha256}"`, contentType: 'application/octet-stream' }
    },
  }
}

async function readManifest(folder: string, digest: ImageDigest): Promise<Manifest> {
  return Manifest.parse(JSON.parse(await readFile(join(folder, digest, 'manifest.json'), 'utf8')))
}

function missingReason(channel: string, error: unknown): string {
  const absent = (error as NodeJS.ErrnoException).code === 'ENOENT'
  const cause = absent
    ? `no image on channel "${channel}"`
    : `the image on channel "${channel}" cannot be read (${String(error)})`
  return `${cause}; build one on the server: godwit image build`
}
