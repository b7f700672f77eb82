import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'

const setup = fileURLToPath(new URL('../../scripts/setup', import.meta.url))
let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'godwit-setup-'))
  for (const folder of ['bin', 'sbin', 'scripts', 'node_modules']) mkdirSync(join(dir, folder))
  for (const lock of ['package-lock.json', 'node_modules/.godwit-lock']) writeFileSync(join(dir, lock), '{}')
  copyFileSync(setup, join(dir, 'scripts/setup'))
})
afterEach(() => rmSync(dir, { recursive: true }))

const policy = () => join(dir, 'sbin/policy-rc.d')
const seen = () => readFileSync(join(dir, 'seen'), 'utf8')

/**
 * Runs the script as root of a namespace of its own: its /usr/sbin is a folder of the test, where some programs are
 * missing for certain, and its apt-get is `apt`. In a session of its own, because `apt` may signal all of it.
 */
function run(apt: string, ...args: readonly string[]): number | null {
  writeFileSync(join(dir, 'bin/apt-get'), `#!/bin/sh\ncd ${dir}\n${apt}\n`, { mode: 0o755 })
  const inside = `mount --bind ${dir}/sbin /usr/sbin && exec sh ${dir}/scripts/setup ${args.join(' ')}`
  const argv = ['--wait', 'unshare', '--map-root-user', '--mount', 'sh', '-c', inside]
  const env = { ...process.env, PATH: `${dir}/bin:${process.env['PATH']}`, GODWIT_SETUP: '', TMPDIR: dir }
  return spawnSync('setsid', argv, { env, input: 'yes, overwrite my files\n' }).status
}

test('services may not start while apt runs, and may again afterwards', () => {
  expect(run('cat /usr/sbin/policy-rc.d >seen')).toBe(0)
  expect(seen()).toMatch(/^#!\/bin\/sh\n.*\nexit 101\n$/)
  expect(existsSync(policy())).toBe(false)
})

test.each([
  ['INT', 130],
  ['TERM', 143],
])('%s in the middle leaves nothing behind that blocks services', (signal, status) => {
  expect(run(`ls /usr/sbin >seen; kill -${signal} 0; sleep 5`)).toBe(status)
  expect(seen()).toBe('policy-rc.d\n')
  expect(existsSync(policy())).toBe(false)
})

test('what a killed run left is removed by the next', () => {
  expect(run('kill -KILL 0')).toBe(null)
  expect(existsSync(policy())).toBe(true)
  expect(run('true')).toBe(0)
  expect(existsSync(policy())).toBe(false)
})

test("the administrator's own policy stays", () => {
  writeFileSync(policy(), '#!/bin/sh\nexit 0\n')
  expect(run('true')).toBe(0)
  expect(readFileSync(policy(), 'utf8')).toBe('#!/bin/sh\nexit 0\n')
})

test('apt keeps changed configuration files and asks nothing', () => {
  expect(run('echo "$@" >>seen; cat >>seen')).toBe(0)
  expect(seen()).toMatch(/^update -q\ninstall .* -o Dpkg::Options::=--force-confold .*\n$/)
})

test('programs that only the benchmarks need are installed for them alone', () => {
  expect(run('echo "$@" >>seen')).toBe(0)
  expect(seen()).not.toContain('kea')
  rmSync(join(dir, 'seen'))
  expect(run('echo "$@" >>seen', 'bench')).toBe(0)
  expect(seen()).toMatch(/install .* kea-dhcp4-server /)
})

test('a node_modules that is a link to another clone is left alone', () => {
  renameSync(join(dir, 'node_modules'), join(dir, 'theirs'))
  symlinkSync('theirs', join(dir, 'node_modules'))
  writeFileSync(join(dir, 'package-lock.json'), '{"changed":true}')
  writeFileSync(join(dir, 'bin/npm'), `#!/bin/sh\necho ran >${dir}/seen\n`, { mode: 0o755 })
  expect(run('true')).toBe(1)
  expect(existsSync(join(dir, 'seen'))).toBe(false)
})
