import { expect, test } from 'vitest'
import { baseDigest, recipeDigest } from '../../images/digest.ts'
import type { ImageInputs } from '../../images/inputs.ts'
import { sha256 } from '../../images/io/hash.ts'
import { INPUTS, sampleRecipe } from './samples.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const withBootScript: ImageInputs = {
  ...INPUTS,
  initramfs: [
    ...INPUTS.initramfs.slice(0, 2),
    { path: 'scripts/godwit', bytes: bytes('new'), executable: false },
  ],
}
const withHook: ImageInputs = {
  ...INPUTS,
  initramfs: [{ path: 'hooks/godwit', bytes: bytes('new'), executable: true }, ...INPUTS.initramfs.slice(1)],
}

test('the same input has the same digest, in whatever order it was read', () => {
  const turned = { ...INPUTS, initramfs: [...INPUTS.initramfs].reverse() }
  expect(recipeDigest(sampleRecipe(), turned, sha256)).toBe(recipeDigest(sampleRecipe(), INPUTS, sha256))
})

test.each<[string, ImageInputs, string, { base: boolean }]>([
  ['the agent', { ...INPUTS, agent: bytes('new') }, '', { base: false }],
  ['the runtime', { ...INPUTS, runtime: { ...INPUTS.runtime, version: '24.0.1' } }, '', { base: false }],
  ['a file of ours', { ...INPUTS, overlay: [] }, '', { base: false }],
  ['the boot script', withBootScript, '', { base: false }],
  ['the demo', { ...INPUTS, demo: bytes('class Other {}') }, '', { base: false }],
  ['the assembling script', { ...INPUTS, assemble: bytes('new') }, '', { base: false }],
  ['a kernel argument', INPUTS, 'systemMemory: 300M', { base: false }],
  ['the compression', INPUTS, 'squashfs: {zstdLevel: 3}', { base: false }],
  ['the hook of the initrd', withHook, '', { base: true }],
  ['the release', INPUTS, 'suite: forky', { base: true }],
  ['what packages may bring', INPUTS, 'includePaths: [/usr/share/doc/x]', { base: true }],
])('%s makes another image', (_, inputs, more, expected) => {
  expect(recipeDigest(sampleRecipe(more), inputs, sha256)).not.toBe(
    recipeDigest(sampleRecipe(), INPUTS, sha256),
  )
  const isOtherBase =
    baseDigest(sampleRecipe(more), inputs, sha256) !== baseDigest(sampleRecipe(), INPUTS, sha256)
  expect(isOtherBase).toBe(expected.base)
})

test('where the runtime lies on this machine does not matter', () => {
  const moved = { ...INPUTS, runtime: { ...INPUTS.runtime, path: '/elsewhere/node' } }
  expect(recipeDigest(sampleRecipe(), moved, sha256)).toBe(recipeDigest(sampleRecipe(), INPUTS, sha256))
})
