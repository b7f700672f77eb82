import { createHash } from 'node:crypto'
import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoaderName } from '../../config/values/loader-name.ts'
import type { SendableFile } from '../http/send-file.ts'

/**
 * The names a loader may have in the folder of Debian's package, the first that is there counts: Debian 13 names the
 * processor where several are packaged. `grub-ia32.efi` is in no package; `buildGrubLoader` makes it.
 */
const FILES: Readonly<Record<Exclude<LoaderName, 'grub-ia32.efi'>, readonly string[]>> = {
  'undionly.kpxe': ['undionly.kpxe'],
  'undionly.kkpxe': ['undionly.kkpxe'],
  'ipxe.pxe': ['ipxe.pxe'],
  'snponly.efi': ['snponly.efi', 'snponly-amd64.efi'],
  'ipxe.efi': ['ipxe.efi', 'ipxe-amd64.efi'],
  'ipxe-arm64.efi': ['snponly-arm64.efi', 'ipxe-arm64.efi'],
}
/** Without these hardly any machine boots; the others are for single machines. */
const NEEDED: readonly string[] = ['undionly.kpxe', 'snponly.efi']

/** A loader in memory: at most 1 MB each, read once at the start. */
export type LoadedLoader = SendableFile & { readonly bytes: Uint8Array }

/** The loaders found in `folder`, and those of the needed ones that are missing. */
export async function readLoaders(
  folder: string,
): Promise<{ readonly loaders: ReadonlyMap<string, LoadedLoader>; readonly missing: readonly string[] }> {
  const loaders = new Map<string, LoadedLoader>()
  for (const [name, files] of Object.entries(FILES)) {
    const loader = await readFirst(folder, files)
    if (loader !== undefined) loaders.set(name, loader)
  }
  return { loaders, missing: NEEDED.filter(name => !loaders.has(name)) }
}

async function readFirst(folder: string, files: readonly string[]): Promise<LoadedLoader | undefined> {
  for (const file of files) {
    const loader = await readLoader(join(folder, file)).catch(() => undefined)
    if (loader !== undefined) return loader
  }
  return undefined
}

/** One loader of the disk. Rejects when it cannot be read. */
export async function readLoader(file: string): Promise<LoadedLoader> {
  const path = await realpath(file)
  const bytes = await readFile(path)
  const { mtimeMs } = await stat(path)
  return {
    path,
    bytes,
    loaded: { bytes, modifiedMs: mtimeMs },
    sizeBytes: bytes.length,
    etag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
    contentType: file.endsWith('.efi') ? 'application/efi' : 'application/octet-stream',
  }
}
