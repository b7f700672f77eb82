import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseRecipe } from '../../images/recipe.ts'

const DEFAULT = readFileSync(new URL('../../images/recipes/default.yaml', import.meta.url), 'utf8')

test('the default recipe is valid and has what a node needs', () => {
  const parsed = parseRecipe(DEFAULT, 'default.yaml')
  if (parsed.kind !== 'recipe') throw new Error(JSON.stringify(parsed.problems))
  const { recipe } = parsed
  expect(recipe.packages).toEqual(
    expect.arrayContaining([
      'linux-image-amd64',
      'systemd-sysv',
      'udev',
      'openjdk-21-jdk-headless',
      'busybox',
    ]),
  )
  expect(recipe.packages.filter(name => name.includes('ssh'))).toEqual([])
  expect(recipe.kernelArgs).toContain('boot=godwit')
  expect(recipe.systemMemory).toBe(256 * 2 ** 20)
})

test('a short recipe gets defaults', () => {
  const parsed = parseRecipe('name: mini\npackages: [linux-image-amd64]\n', 'mini.yaml')
  expect(parsed).toMatchObject({
    kind: 'recipe',
    recipe: { suite: 'trixie', components: ['main'], squashfs: { zstdLevel: 6 }, files: [] },
  })
})

test.each([
  ['a package that is an option', 'packages: ["--simulate"]', 'packages.0'],
  ['no packages', 'packages: []', 'packages'],
  ['a path that leaves the tree', 'removePaths: [/var/../../etc]', 'removePaths.0'],
  ['two paths in one', 'removePaths: [/usr/share/doc /home]', 'removePaths.0'],
  ['a relative path', 'files: [{path: etc/x, text: ""}]', 'files.0.path'],
  ['two kernel arguments in one', 'kernelArgs: ["a b"]', 'kernelArgs.0'],
  ['a unit that is a path', 'maskUnits: [../x.service]', 'maskUnits.0'],
  ['a size that is none', 'systemMemory: lots', 'systemMemory'],
  ['an unknown field', 'mirror: nowhere', ''],
])('%s is refused with its place', (_, line, path) => {
  const rest = line.startsWith('packages') ? '' : 'packages: [busybox]\n'
  const parsed = parseRecipe(`name: x\n${rest}${line}\n`, 'x.yaml')
  if (parsed.kind !== 'invalid') throw new Error('accepted')
  expect(parsed.problems.some(problem => problem.path.includes(path))).toBe(true)
})

test('all problems come at once', () => {
  const parsed = parseRecipe('name: "A B"\npackages: [UPPER]\nsuite: "13"\n', 'x.yaml')
  if (parsed.kind !== 'invalid') throw new Error('accepted')
  expect(parsed.problems).toHaveLength(3)
})
