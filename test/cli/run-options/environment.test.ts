import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { withEnvFiles } from '../../../cli/run-options/environment.ts'

const folder = mkdtempSync(join(tmpdir(), 'godwit-test-env-'))
afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

it('adds the variables of every file, the last one winning, and leaves what it was given as it was', async () => {
  const environment = { HOME: '/home/alice', A: 'ours' }
  const paths = [file('one', 'A=1\nB=1\n'), file('two', 'B=2\nHOME\n')]
  expect(await withEnvFiles(environment, paths)).toEqual({ HOME: '/home/alice', A: '1', B: '2' })
  expect(environment).toEqual({ HOME: '/home/alice', A: 'ours' })
})

it('names the file and the line that is wrong', async () => {
  const path = file('bad', 'A=1\nexport B=2\n')
  await expect(withEnvFiles({}, [path])).rejects.toMatchObject({
    code: 'GW_CONFIG_INVALID',
    message: `--env-file: ${path}, line 2: "export B" is not the name of a variable`,
  })
})

it('says why a file cannot be read', async () => {
  await expect(withEnvFiles({}, [join(folder, 'none')])).rejects.toThrow(/--env-file: ENOENT.*none/)
})
