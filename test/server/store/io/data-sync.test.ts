import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDataSync } from '../../../../server/store/io/data-sync.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-sync-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('the file that is synced', () => {
  it('is filled up behind what is in it', async () => {
    const path = join(folder, 'wal')
    writeFileSync(path, 'frames')
    const file = openDataSync(path, 1000)
    await file.sync()
    file.close()
    expect(readFileSync(path, 'latin1')).toBe(`frames${'\0'.repeat(994)}`)
  })

  it('stays as it is when it is long enough', async () => {
    const path = join(folder, 'wal')
    writeFileSync(path, 'frames of a server that was killed')
    const file = openDataSync(path, 10)
    await file.sync()
    file.close()
    expect(statSync(path).size).toBe(34)
  })

  it('has to be there', () => {
    expect(() => openDataSync(join(folder, 'none'), 10)).toThrow('ENOENT')
  })
})
