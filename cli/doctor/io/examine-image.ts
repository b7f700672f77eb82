import { join } from 'node:path'
import { resolveChannel } from '../../../images/io/catalog.ts'
import { measureFile, sha256 } from '../../../images/io/hash.ts'
import { manifestText } from '../../../protocol/manifest.ts'
import { type Finding, fail, ok } from '../finding.ts'
import type { World } from '../world.ts'

/** Whether the image that machines boot is there, and is the one its name says. */
export async function examineImage({ config, imageDir }: World): Promise<readonly Finding[]> {
  const { channel } = config.boot
  const check = `image on ${channel}`
  const resolved = await resolveChannel(imageDir, channel)
  if (resolved.kind === 'missing')
    return [fail(check, `${resolved.reason} in ${imageDir}`, 'build one: godwit image build')]
  const { manifest, digest, dir } = resolved
  const short = digest.slice(0, 12)
  if (sha256(manifestText(manifest)) !== digest)
    return [fail(check, `the manifest of ${short} is not the one it is named after`, 'build it again')]
  const wrong: string[] = []
  for (const file of Object.values(manifest.files)) {
    const found = await measureFile(join(dir, file.name)).catch(() => undefined)
    if (found?.sha256 !== file.sha256) wrong.push(file.name)
  }
  if (wrong.length > 0)
    return [
      fail(
        check,
        `${short}: ${wrong.join(', ')} differ from the manifest`,
        'build it again: the disk or a hand changed it',
      ),
    ]
  return [ok(check, `${short}, all files as its manifest says`)]
}
