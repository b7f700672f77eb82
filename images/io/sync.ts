import { open } from 'node:fs/promises'

/** Resolves when the file or folder is on the disk: without it, a power cut may keep a rename and lose what is in it. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
