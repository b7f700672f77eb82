import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { TftpPath } from '../filename.ts'

/**
 * `path` with each segment as it is spelled below `root`, upper and lower case taken for the same; the exact spelling
 * wins, then the first in order. Undefined when a segment matches nothing.
 */
export async function spelledAsOnDisk(root: string, path: TftpPath): Promise<TftpPath | undefined> {
  const spelled: string[] = []
  for (const segment of path) {
    const names = await readdir(join(root, ...spelled)).catch((): string[] => [])
    const wanted = segment.toLowerCase()
    const name = names.includes(segment)
      ? segment
      : names.sort().find(candidate => candidate.toLowerCase() === wanted)
    if (name === undefined) return undefined
    spelled.push(name)
  }
  return spelled
}
