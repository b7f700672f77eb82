import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Manifest, manifestText } from '../../protocol/manifest.ts'

/**
 * Writes an image of three small files to `imageDir` and points `stable` at it. No machine could boot it; a server
 * writes boot scripts for it as for any other, and the agents that join by them run here already.
 */
export function writePaperImage(imageDir: string): void {
  const file = (name: string) => ({ name, sizeBytes: name.length, sha256: sha256(name) })
  const manifest: Manifest = {
    format: 1,
    name: 'paper',
    recipeDigest: sha256('paper'),
    createdAt: '2026-01-01T00:00:00Z',
    files: { root: file('root.squashfs'), kernel: file('vmlinuz'), initrd: file('initrd.img') },
    kernelVersion: '0',
    kernelArgs: [],
    ramNeedBytes: 1,
    packages: {},
  }
  const text = manifestText(manifest)
  const digest = sha256(text)
  mkdirSync(join(imageDir, digest), { recursive: true })
  mkdirSync(join(imageDir, 'channels'))
  writeFileSync(join(imageDir, digest, 'manifest.json'), text)
  for (const { name } of Object.values(manifest.files)) writeFileSync(join(imageDir, digest, name), name)
  writeFileSync(join(imageDir, 'channels', 'stable'), JSON.stringify({ digest, setAt: manifest.createdAt }))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
