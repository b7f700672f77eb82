import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseManifest } from '../../images/catalog.ts'
import { makeManifest } from '../../images/manifest.ts'
import { manifestText } from '../../protocol/manifest.ts'
import { sampleRecipe } from './samples.ts'

const file = (name: string, sizeBytes: number) => ({ name, sizeBytes, sha256: 'ab'.repeat(32) })
const BUILT = {
  root: file('root.squashfs', 200_000_000),
  kernel: file('vmlinuz', 12_000_000),
  initrd: file('initrd.img', 9_900_000),
  kernelVersion: '6.12.117+deb13-amd64\n',
  packages: 'busybox 1:1.37.0-6\nudev 257.8-1\n',
}
const MANIFEST = makeManifest(sampleRecipe(), 'cd'.repeat(32), BUILT, '2026-11-23T06:00:00.000Z')

test('a manifest says what the image needs', () => {
  expect(MANIFEST.ramNeedBytes).toBe(200_000_000 + 256 * 2 ** 20)
  expect(MANIFEST.kernelVersion).toBe('6.12.117+deb13-amd64')
  expect(MANIFEST.packages).toEqual({ busybox: '1:1.37.0-6', udev: '257.8-1' })
})

test('its text is read back as it was', () => {
  expect(parseManifest(manifestText(MANIFEST))).toEqual(MANIFEST)
})

test('its text does not depend on the order of keys', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(Object.entries(MANIFEST), { minLength: 9 }), entries => {
      const shuffled = Object.fromEntries(entries) as typeof MANIFEST
      return manifestText(shuffled) === manifestText(MANIFEST)
    }),
  )
})

test.each([
  ['nothing', ''],
  ['half a file', manifestText(MANIFEST).slice(0, 100)],
  ['another format', manifestText(MANIFEST).replace('"format":1', '"format":2')],
  ['a path as a file name', manifestText(MANIFEST).replace('root.squashfs', '../root.squashfs')],
])('%s is no manifest', (_, text) => {
  expect(parseManifest(text)).toBeUndefined()
})
