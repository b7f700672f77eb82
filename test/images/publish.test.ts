import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isWhole } from '../../images/io/catalog.ts'
import { publish, readBuilt } from '../../images/io/publish.ts'
import { makeManifest } from '../../images/manifest.ts'
import { manifestText } from '../../protocol/manifest.ts'
import { sampleRecipe } from './samples.ts'

let dir = ''
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'godwit-publish-'))
})
afterEach(() => rm(dir, { recursive: true }))

const FILES = {
  'root.squashfs': 'root',
  vmlinuz: 'kernel',
  'initrd.img': 'initrd',
  'kernel-version': '6',
  packages: '',
}

/** What a build leaves, and its manifest. */
async function build(name: string) {
  const out = join(dir, name, 'out')
  await mkdir(out, { recursive: true })
  for (const [file, text] of Object.entries(FILES)) await writeFile(join(out, file), text)
  const manifest = makeManifest(
    sampleRecipe(),
    'cd'.repeat(32),
    await readBuilt(out),
    '2026-11-23T06:00:00.000Z',
  )
  return { out, manifest }
}

test('a build becomes an image in one piece', async () => {
  const { out, manifest } = await build('work')
  await publish(out, manifest, join(dir, 'image'))
  expect((await readdir(join(dir, 'image'))).sort()).toEqual(
    ['initrd.img', 'manifest.json', 'root.squashfs', 'vmlinuz'].sort(),
  )
  expect(await readFile(join(dir, 'image', 'manifest.json'), 'utf8')).toBe(manifestText(manifest))
  expect(await isWhole(join(dir, 'image'), manifest)).toBe(true)
})

test('the same image again stays as it is', async () => {
  const first = await build('first')
  await publish(first.out, first.manifest, join(dir, 'image'))
  const second = await build('second')
  await publish(second.out, second.manifest, join(dir, 'image'))
  expect(await readdir(join(dir, 'second'))).toEqual(['out'])
})

test('an image that a power cut left short is not whole, and the next build takes its place', async () => {
  const first = await build('first')
  const image = join(dir, 'image')
  await publish(first.out, first.manifest, image)
  await truncate(join(image, 'root.squashfs'), 2)
  expect(await isWhole(image, first.manifest)).toBe(false)
  const second = await build('second')
  await publish(second.out, second.manifest, image)
  expect(await isWhole(image, second.manifest)).toBe(true)
})

test('an image with a file missing is not whole', async () => {
  const { out, manifest } = await build('work')
  await rm(join(out, 'vmlinuz'))
  expect(await isWhole(out, manifest)).toBe(false)
})
