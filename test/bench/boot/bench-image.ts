import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { showBuild } from '../../../cli/build-progress.ts'
import { CACHE_DIR, DEFAULT_RECIPE, IMAGE_DIR } from '../../../cli/paths.ts'
import { buildImage } from '../../../images/build.ts'
import { readImage, setChannel } from '../../../images/io/catalog.ts'
import { measureFile } from '../../../images/io/hash.ts'
import { GodwitError } from '../../../protocol/errors.ts'

/** The image that all boots of a comparison use, in a folder of its own. Sizes in bytes. */
export type BenchImage = {
  readonly digest: string
  readonly imageDir: string
  readonly kernelBytes: number
  readonly initrdBytes: number
  readonly rootBytes: number
}

/**
 * The default image, built if need be, pinned in `imageDir` (made afresh) so that a build which moves the channel
 * meanwhile changes nothing here. Every file is read once and checked: all subjects find it in the page cache.
 * Throws GW_IMAGE_BUILD, also for a damaged file.
 */
export async function benchImage(imageDir: string, say: (line: string) => void): Promise<BenchImage> {
  const { digest } = await showBuild(
    { recipePath: DEFAULT_RECIPE, imageDir: IMAGE_DIR, cacheDir: CACHE_DIR, channel: undefined },
    buildImage,
  )
  const image = await readImage(IMAGE_DIR, digest)
  if (image === undefined)
    throw new GodwitError('GW_IMAGE_BUILD', `image ${digest} is not there; build it: godwit image build`)
  for (const file of Object.values(image.manifest.files)) {
    const { sha256 } = await measureFile(join(image.dir, file.name))
    if (sha256 !== file.sha256)
      throw new GodwitError(
        'GW_IMAGE_BUILD',
        `${file.name} of image ${digest} is damaged; remove and rebuild it`,
      )
  }
  await rm(imageDir, { recursive: true, force: true })
  await mkdir(imageDir, { recursive: true })
  await symlink(image.dir, join(imageDir, digest))
  await setChannel(imageDir, 'stable', { digest, setAt: new Date().toISOString() })
  say(`image ${digest.slice(0, 12)}`)
  const { kernel, initrd, root } = image.manifest.files
  return {
    digest,
    imageDir,
    kernelBytes: kernel.sizeBytes,
    initrdBytes: initrd.sizeBytes,
    rootBytes: root.sizeBytes,
  }
}
