import { createHash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoaderName } from '../boot/loader.ts'
import type { SendableFile } from '../http/send-file.ts'

const NAMES: readonly LoaderName[] = ['undionly.kpxe', 'snponly.efi']

/** A loader in memory: at most 200 KB each, read once at the start. */
export type LoadedLoader = SendableFile & { readonly bytes: Uint8Array }

/** The loaders found, and the names of those missing from `folder`. */
export async function readLoaders(
  folder: string,
): Promise<{ readonly loaders: ReadonlyMap<string, LoadedLoader>; readonly missing: readonly string[] }> {
  const loaders = new Map<string, LoadedLoader>()
  const missing: string[] = []
  for (const name of NAMES) {
    try {
      loaders.set(name, await readLoader(folder, name))
    } catch {
      missing.push(name)
    }
  }
  return { loaders, missing }
}

async function readLoader(folder: string, name: LoaderName): Promise<LoadedLoader> {
  const path = await realpath(join(folder, name))
  const bytes = await readFile(path)
  return {
    path,
    bytes,
    sizeBytes: bytes.length,
    etag: `"${createHash('sha256').update(bytes).digest('hex')}"`,
    contentType: name.endsWith('.efi') ? 'application/efi' : 'application/octet-stream',
  }
}
