import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Manifest, manifestText } from '../../protocol/manifest.ts'
import type { BuiltFiles } from '../manifest.ts'
import { isWhole } from './catalog.ts'
import { measureFile } from './hash.ts'
import { syncPath } from './sync.ts'

/** Files in the output folder that are input to the manifest, not part of the image. */
const NOTES = ['kernel-version', 'packages', 'demo.java']

/** Measures what the build put into `outDir`. */
export async function readBuilt(outDir: string): Promise<BuiltFiles> {
  const [root, kernel, initrd, kernelVersion, packages] = await Promise.all([
    measureFile(join(outDir, 'root.squashfs')),
    measureFile(join(outDir, 'vmlinuz')),
    measureFile(join(outDir, 'initrd.img')),
    readFile(join(outDir, 'kernel-version'), 'utf8'),
    readFile(join(outDir, 'packages'), 'utf8'),
  ])
  return { root, kernel, initrd, kernelVersion, packages }
}

/**
 * Writes the manifest and, when all is on the disk, moves `outDir` to `imageDir` in one rename. The same image already
 * there stays if it is whole; else it goes with the folder around `outDir`.
 */
export async function publish(outDir: string, manifest: Manifest, imageDir: string): Promise<void> {
  await Promise.all(NOTES.map(name => rm(join(outDir, name), { force: true })))
  await writeFile(join(outDir, 'manifest.json'), manifestText(manifest))
  await chmod(outDir, 0o755)
  const names = ['manifest.json', ...Object.values(manifest.files).map(({ name }) => name), '.']
  await Promise.all(names.map(name => syncPath(join(outDir, name))))
  if (await isWhole(imageDir, manifest)) return
  await rename(imageDir, join(dirname(outDir), 'broken')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(outDir, imageDir)
  await syncPath(dirname(imageDir))
}
