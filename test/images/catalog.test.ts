import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ImageDigest } from '../../config/values/node-id.ts'
import { listImages, resolveChannel, setChannel } from '../../images/io/catalog.ts'
import { makeManifest } from '../../images/manifest.ts'
import { manifestText } from '../../protocol/manifest.ts'
import { sampleRecipe } from './samples.ts'

const OLD = ImageDigest.parse('1'.repeat(64))
const NEW = ImageDigest.parse('2'.repeat(64))
const setAt = '2026-11-23T06:00:00.000Z'
let dir = ''

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'godwit-catalog-'))
  await addImage(OLD, '2026-11-22T06:00:00.000Z')
  await addImage(NEW, '2026-11-23T06:00:00.000Z')
  await mkdir(join(dir, '.build-1', 'out'), { recursive: true })
  await mkdir(join(dir, '3'.repeat(64)))
})
afterAll(() => rm(dir, { recursive: true }))

async function addImage(digest: string, createdAt: string): Promise<void> {
  const file = { name: 'x', sizeBytes: 1, sha256: 'ab'.repeat(32) }
  const built = { root: file, kernel: file, initrd: file, kernelVersion: '6', packages: '' }
  await mkdir(join(dir, digest))
  await writeFile(
    join(dir, digest, 'manifest.json'),
    manifestText(makeManifest(sampleRecipe(), 'cd'.repeat(32), built, createdAt)),
  )
}

test('images are listed newest first, half-built ones are not', async () => {
  expect((await listImages(dir)).map(image => image.digest)).toEqual([NEW, OLD])
})

test('no folder is no images', async () => {
  expect(await listImages(join(dir, 'missing'))).toEqual([])
})

test('a channel leads to its image, and back again', async () => {
  await setChannel(dir, 'stable', { digest: NEW, setAt })
  expect(await resolveChannel(dir, 'stable')).toMatchObject({
    kind: 'image',
    digest: NEW,
    dir: join(dir, NEW),
  })
  await setChannel(dir, 'stable', { digest: OLD, setAt })
  expect(await resolveChannel(dir, 'stable')).toMatchObject({ kind: 'image', digest: OLD })
  expect(await readdir(join(dir, 'channels'))).toEqual(['stable'])
})

test('a reader never sees half a pointer', async () => {
  await setChannel(dir, 'moving', { digest: OLD, setAt })
  const writes = Array.from({ length: 50 }, (_, index) => index).reduce(
    (chain, index) => chain.then(() => setChannel(dir, 'moving', { digest: index % 2 ? OLD : NEW, setAt })),
    Promise.resolve(),
  )
  const kinds = await Promise.all(Array.from({ length: 50 }, () => resolveChannel(dir, 'moving')))
  await writes
  expect(new Set(kinds.map(({ kind }) => kind))).toEqual(new Set(['image']))
})

test.each([
  ['never set', 'nightly', undefined, 'no such channel'],
  ['a path', '../stable', undefined, 'no such channel'],
  ['not a pointer', 'broken', '{"digest":', 'channel file is damaged'],
  ['to a removed image', 'gone', JSON.stringify({ digest: '4'.repeat(64), setAt }), 'image is not there'],
  ['to half an image', 'half', JSON.stringify({ digest: '3'.repeat(64), setAt }), 'image is not there'],
])('a channel %s leads nowhere and says why', async (_, channel, text, reason) => {
  if (text !== undefined) {
    await mkdir(join(dir, 'channels'), { recursive: true })
    await writeFile(join(dir, 'channels', channel), text)
  }
  expect(await resolveChannel(dir, channel)).toEqual({ kind: 'missing', reason })
})

test('a channel cannot be called like a path', async () => {
  await expect(setChannel(dir, '../x', { digest: OLD, setAt })).rejects.toThrow()
})
