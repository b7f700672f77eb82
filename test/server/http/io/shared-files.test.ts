import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { shareFiles } from '../../../../server/http/io/shared-files.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-shared-'))
  path = join(folder, 'file')
  await writeFile(path, 'a'.repeat(300_000))
})
afterEach(() => rm(folder, { recursive: true }))

it('gives all readers of a chunk the same memory, also from the middle of it', async () => {
  const files = shareFiles(1 << 20)
  const [one, other] = [await files.open(path), await files.open(path)]
  const [from0, from9] = [await one.shared(0), await other.shared(9)]
  expect(from9.buffer).toBe(from0.buffer)
  expect(from9.length).toBe(from0.length - 9)
  expect((await one.shared(299_999)).length).toBe(1)
  one.close()
  other.close()
})

it('never mixes a replaced file with the one before', async () => {
  const files = shareFiles(1 << 20)
  const old = await files.open(path)
  await old.shared(0)
  await writeFile(`${path}.new`, 'b'.repeat(300_000))
  await rename(`${path}.new`, path)
  const next = await files.open(path)
  expect(Buffer.from(await next.shared(0)).toString('latin1', 0, 1)).toBe('b')
  expect(Buffer.from(await old.shared(299_000)).toString('latin1', 0, 1)).toBe('a')
  old.close()
  next.close()
})

it('says so when a file became shorter, and when it is none', async () => {
  const files = shareFiles(1 << 20)
  const file = await files.open(path)
  await truncate(path, 10)
  await expect(file.own(0, 100)).rejects.toThrow('it became shorter')
  await expect(file.shared(0)).rejects.toThrow('it became shorter')
  file.close()
  await expect(files.open(folder)).rejects.toThrow('not a plain file')
  await expect(files.open(join(folder, 'none'))).rejects.toThrow('ENOENT')
})
