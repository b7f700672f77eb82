import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { GodwitError } from '../../protocol/errors.ts'
import type { InputFile } from '../inputs.ts'
import { AGENT_DIR, DEPUTY } from '../overlay.ts'

/** Builds the C programs of the exec road and reads them, as files of the image. Throws GW_IMAGE_BUILD. */
export async function buildNative(projectDir: string): Promise<readonly InputFile[]> {
  const outDir = join(projectDir, '.godwit/native')
  const { failed, all } = await execa(join(projectDir, 'native/build'), [outDir], {
    reject: false,
    all: true,
  })
  if (failed) {
    const message = `deputy and keeper were not built (package musl-tools; scripts/setup installs it):\n${all}`
    throw new GodwitError('GW_IMAGE_BUILD', message)
  }
  return Promise.all(
    [DEPUTY, 'godwit-keeper'].map(async name => ({
      path: `${AGENT_DIR}/${name}`,
      bytes: await readFile(join(outDir, name)),
      executable: true,
    })),
  )
}
