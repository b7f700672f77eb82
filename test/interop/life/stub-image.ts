import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ImageDigest } from '../../../config/values/node-id.ts'
import { setChannel } from '../../../images/io/catalog.ts'
import { measureFile, sha256 } from '../../../images/io/hash.ts'
import { makeManifest } from '../../../images/manifest.ts'
import { manifestText } from '../../../protocol/manifest.ts'
import { sampleRecipe } from '../../images/samples.ts'

/** An image that nobody boots, so that a server has something to offer: its script is what a test wants of it. */
export async function stubImage(imageDir: string): Promise<void> {
  const work = join(imageDir, 'work')
  await mkdir(work, { recursive: true })
  const [root, kernel, initrd] = await Promise.all(
    ['root.squashfs', 'vmlinuz', 'initrd.img'].map(async name => {
      await writeFile(join(work, name), `${name}\n`)
      return measureFile(join(work, name))
    }),
  )
  if (!root || !kernel || !initrd) throw new Error('three files')
  const built = { root, kernel, initrd, kernelVersion: '0', packages: '' }
  const manifest = makeManifest(sampleRecipe(), 'a'.repeat(64), built, '2026-01-01T00:00:00Z')
  const text = manifestText(manifest)
  await writeFile(join(work, 'manifest.json'), text)
  const digest = ImageDigest.parse(sha256(text))
  await rename(work, join(imageDir, digest))
  await setChannel(imageDir, 'stable', { digest, setAt: '2026-01-01T00:00:00Z' })
}
