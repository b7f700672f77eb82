import { mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { shimAdvice, shimTable } from '../../../cli/commands/shim.ts'
import { findDeputy, installShims, listShims, removeShims } from '../../../cli/shim/folder.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'godwit-shim-'))
  mkdirSync(join(root, 'bin'))
  writeFileSync(join(root, 'bin/java'), '', { mode: 0o755 })
  writeFileSync(join(root, 'godwit-deputy'), '', { mode: 0o755 })
})
afterEach(() => rmSync(root, { recursive: true }))
const folder = () => join(root, 'shims')
const deputy = () => join(root, 'godwit-deputy')

it('installs, lists and removes', () => {
  installShims(folder(), ['java', 'povray'], deputy())
  installShims(folder(), ['java'], deputy())
  expect(readlinkSync(join(folder(), 'java'))).toBe(deputy())
  expect(listShims(folder(), `${folder()}:${root}/bin`)).toEqual([
    { name: 'java', path: `${folder()}/java`, program: `${root}/bin/java`, firstInPath: true },
    { name: 'povray', path: `${folder()}/povray`, program: null, firstInPath: true },
  ])
  expect(listShims(folder(), `${root}/bin:${folder()}`)[0]?.firstInPath).toBe(false)
  removeShims(folder(), ['java'])
  expect(listShims(folder(), '').map(({ name }) => name)).toEqual(['povray'])
})

it('touches nothing that is no shim', () => {
  mkdirSync(folder())
  writeFileSync(join(folder(), 'mvn'), 'mine')
  symlinkSync('/bin/true', join(folder(), 'other'))
  expect(() => installShims(folder(), ['java', 'mvn'], deputy())).toThrow('is no shim')
  expect(() => removeShims(folder(), ['other'])).toThrow('no shim other')
  expect(() => installShims(folder(), ['../java'], deputy())).toThrow('no name of a command')
  expect(listShims(folder(), '')).toEqual([])
})

it('says what is missing', () => {
  expect(() => findDeputy([join(root, 'nowhere')])).toThrow('not built')
  expect(findDeputy([join(root, 'nowhere'), deputy()])).toBe(deputy())
  expect(listShims(join(root, 'nowhere'), '')).toEqual([])
  expect(shimTable([], '/x')).toContain('godwit shim install')
  const shim = { name: 'java', path: '/x/java', program: null, firstInPath: false }
  expect(shimAdvice([shim], '/x', '/jdk')).toEqual([
    'put this into your shell\'s profile: export PATH="/x:$PATH"',
    'JAVA_HOME is set: what starts /jdk/bin/java goes round the shim and runs here',
  ])
  expect(shimTable([shim], '/x')).toContain('not found')
})
