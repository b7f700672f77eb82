import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { ImageFile } from '../../protocol/manifest.ts'

/** Lower-case hex SHA-256 of bytes or UTF-8 text. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Name, size and digest of the file at `path`; throws when it cannot be read. */
export async function measureFile(path: string): Promise<ImageFile> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return { name: basename(path), sizeBytes: (await stat(path)).size, sha256: hash.digest('hex') }
}
