import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ImageDigest } from '../../config/values/node-id.ts'
import { ChannelName, type ChannelPointer, type Manifest } from '../../protocol/manifest.ts'
import {
  type CatalogImage,
  newestFirst,
  parseManifest,
  parsePointer,
  type ResolvedChannel,
} from '../catalog.ts'
import { syncPath } from './sync.ts'

/** Every image in `imageDir`, newest first; none when the folder is missing. Half-built ones are not images. */
export async function listImages(imageDir: string): Promise<readonly CatalogImage[]> {
  const names = await readdir(imageDir).catch(() => [])
  const images = await Promise.all(names.map(name => readImage(imageDir, name)))
  return newestFirst(images.filter(image => image !== undefined))
}

/** The image named `digest` (64 hex digits) in `imageDir`; `undefined` when it is not there or not whole. */
export async function readImage(imageDir: string, digest: string): Promise<CatalogImage | undefined> {
  const name = ImageDigest.safeParse(digest)
  if (!name.success) return undefined
  const dir = join(imageDir, name.data)
  const manifest = parseManifest((await readText(join(dir, 'manifest.json'))) ?? '')
  return manifest && { digest: name.data, manifest, dir }
}

/** Whether every file of `manifest` is in `dir` with its whole size: a crash of the machine may have cut one short. */
export async function isWhole(dir: string, manifest: Manifest): Promise<boolean> {
  const checks = Object.values(manifest.files).map(async ({ name, sizeBytes }) => {
    const found = await stat(join(dir, name)).catch(() => undefined)
    return found?.size === sizeBytes
  })
  return (await Promise.all(checks)).every(Boolean)
}

/** The image that `channel` points at. */
export async function resolveChannel(imageDir: string, channel: string): Promise<ResolvedChannel> {
  const text = ChannelName.safeParse(channel).success
    ? await readText(channelPath(imageDir, channel))
    : undefined
  if (text === undefined) return { kind: 'missing', reason: 'no such channel' }
  const pointer = parsePointer(text)
  if (!pointer) return { kind: 'missing', reason: 'channel file is damaged' }
  const image = await readImage(imageDir, pointer.digest)
  return image ? { kind: 'image', ...image } : { kind: 'missing', reason: 'image is not there' }
}

/**
 * Points `channel` at `pointer.digest`, in one step: a reader sees the old pointer or the new one. Throws when
 * `channel` is not a channel name or the folder cannot be written.
 */
export async function setChannel(imageDir: string, channel: string, pointer: ChannelPointer): Promise<void> {
  const path = channelPath(imageDir, ChannelName.parse(channel))
  await mkdir(join(imageDir, 'channels'), { recursive: true })
  const temporary = `${path}.${process.pid}.tmp`
  await writeFile(temporary, `${JSON.stringify(pointer)}\n`)
  await syncPath(temporary)
  await rename(temporary, path)
}

function channelPath(imageDir: string, channel: string): string {
  return join(imageDir, 'channels', channel)
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return undefined
  }
}
