import { access, chmod, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BuiltFiles } from '../manifest.ts'
import { measureFile } from './hash.ts'

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

/** Writes the manifest and moves `outDir` to `imageDir` in one rename; an image already there stays. */
export async function publish(outDir: string, manifest: string, imageDir: string): Promise<void> {
  await Promise.all(NOTES.map(name => rm(join(outDir, name), { force: true })))
  await writeFile(join(outDir, 'manifest.json'), manifest)
  await chmod(outDir, 0o755)
  const isThere = await access(imageDir).then(
    () => true,
    () => false,
  )
  if (!isThere) await rename(outDir, imageDir)
}
