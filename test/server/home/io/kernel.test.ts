import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { LogFields } from '../../../../protocol/log.ts'
import { exportByKernel } from '../../../../server/home/io/kernel.ts'

let folder = ''
const path = process.env['PATH'] ?? ''
const errors: LogFields[] = []
const quiet = () => undefined
const log = { debug: quiet, info: quiet, warn: quiet, error: (fields: LogFields) => void errors.push(fields) }

/** Puts a program `exportfs` before the system's that writes down how it was called. */
async function fakeExportfs(lastLine: string): Promise<void> {
  const program = join(folder, 'exportfs')
  await writeFile(program, `#!/bin/sh\necho "$@" >>${join(folder, 'calls')}\n${lastLine}\n`)
  await chmod(program, 0o755)
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-exportfs-'))
  process.env['PATH'] = `${folder}${delimiter}${path}`
  errors.length = 0
})
afterEach(async () => {
  process.env['PATH'] = path
  await rm(folder, { recursive: true, force: true })
})

it('adds its exports, and at the end takes away those and no other', async () => {
  await fakeExportfs('exit 0')
  const server = await exportByKernel(['10.77.0.0/24:/home'], log)
  await server.close()
  expect((await readFile(join(folder, 'calls'), 'utf8')).split('\n').slice(0, 2)).toEqual([
    '-o rw,sync,root_squash,no_subtree_check,sec=sys 10.77.0.0/24:/home',
    '-u 10.77.0.0/24:/home',
  ])
  expect(errors).toEqual([])
})

it('says what exportfs says when it fails', async () => {
  await fakeExportfs('echo "exportfs: /home does not support NFS export" >&2; exit 1')
  await exportByKernel(['10.77.0.0/24:/home'], log)
  expect(errors).toMatchObject([{ reason: 'exportfs: /home does not support NFS export' }])
})
