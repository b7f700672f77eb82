import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const script = readFileSync(new URL('../../images/assemble.sh', import.meta.url), 'utf8')
/** The function as the build runs it. */
const definition = /^remove_paths\(\) \{\n[\s\S]*?^\}$/m.exec(script)?.[0] ?? ''

const dir = mkdtempSync(join(tmpdir(), 'godwit-remove-paths-'))
const tree = join(dir, 'tree')
const outside = join(dir, 'outside')
beforeAll(() => {
  for (const program of ['sh', 'rm']) addProgram(`/usr/bin/${program}`)
  mkdirSync(outside)
})
afterAll(() => rmSync(dir, { recursive: true }))

/** Puts a program of this machine and its libraries into the tree, so that chroot can run it there. */
function addProgram(path: string): void {
  const libraries = execFileSync('ldd', [path], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  for (const file of [path, ...libraries]) {
    mkdirSync(join(tree, dirname(file)), { recursive: true })
    copyFileSync(file, join(tree, file))
  }
}

function put(path: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
  return path
}

function remove(...patterns: readonly string[]): void {
  const shell = ['--map-root-user', 'sh', '-euc', `${definition}\nremove_paths "$0"`, tree]
  execFileSync('unshare', shell, { cwd: dir, env: { ...process.env, GODWIT_REMOVE: patterns.join('\n') } })
}

test('a pattern removes what it matches in the tree', () => {
  const [log, cache, kept] = [
    put(`${tree}/var/log/a`),
    put(`${tree}/var/cache/x-old`),
    put(`${tree}/var/cache/x`),
  ]
  remove('/var/log/*', '/var/cache/*-old', '/no/such/*')
  expect([log, cache, kept].map(existsSync)).toEqual([false, false, true])
})

test('a pattern with a blank is one path, not two', () => {
  const victim = put(join(outside, 'home'))
  remove(`/usr/share/doc ${victim}`)
  expect(existsSync(victim)).toBe(true)
})

test('an absolute link of the image leads into the image', () => {
  const [victim, inside] = [put(join(outside, 'pid')), put(join(tree, outside, 'pid'))]
  symlinkSync(outside, join(tree, 'run'))
  remove('/run/*')
  expect([victim, inside].map(existsSync)).toEqual([true, false])
})
