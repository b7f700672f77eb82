import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { LabConfig } from '../../../config/lab.ts'
import { makeFolders, makeLabDir } from '../../../lab/io/folders.ts'
import { createRecord, readRecord, removeRuntimeFiles } from '../../../lab/io/record-file.ts'
import { machineMac } from '../../../lab/machine.ts'
import { labPaths } from '../../../lab/paths.ts'
import type { LabRecord } from '../../../lab/record.ts'
import { createLedger } from '../../../lab/supervisor/ledger.ts'

let labDir = ''
beforeEach(async () => {
  labDir = await mkdtemp(join(tmpdir(), 'godwit-test-'))
})
afterEach(() => rm(labDir, { recursive: true, force: true }))

const process1 = { pid: 1, startTicks: 2 }
const spec = {
  name: 'bios1',
  firmware: 'bios',
  nic: 'virtio',
  mac: machineMac(1),
  memoryMiB: 256,
  cpus: 1,
  disks: [],
} as const

function newRecord(): LabRecord {
  return {
    version: 1,
    id: 'cafe0001',
    phase: 'starting',
    plan: {
      labDir,
      runDir: `${labDir}/run`,
      stateDir: `${labDir}/state`,
      imageDir: '/images',
      config: LabConfig.parse({}),
      accel: { kind: 'tcg', reason: 'tcg was asked for' },
      userNamespace: false,
      serverArgv: ['godwit'],
    },
    starter: process1,
    supervisor: null,
    server: null,
    machines: [],
  }
}

test('a record is made once; who comes second is told', async () => {
  expect(await readRecord(labDir)).toBeUndefined()
  expect(await createRecord(newRecord())).toBe(true)
  expect(await createRecord(newRecord())).toBe(false)
  expect(await readRecord(labDir)).toEqual(newRecord())
})

test.each(['', '{', '{"version":2}'])('%j is no record, and its file is named', async text => {
  await writeFile(join(labDir, 'lab.json'), text)
  await expect(readRecord(labDir)).rejects.toThrow(/lab\.json is not a lab's record.*remove that file/s)
})

test('the ledger keeps the order of changes in the file, and writes no more once closed', async () => {
  const ledger = createLedger(newRecord(), () => {})
  void ledger.setMachine(spec, null)
  void ledger.setServer(process1)
  void ledger.setMachine(spec, { pid: 5, startTicks: 6 })
  void ledger.setServer(null)
  await ledger.setPhase('up')
  const saved = await readRecord(labDir)
  expect(saved).toEqual(ledger.current())
  expect(saved).toMatchObject({ phase: 'up', server: null, machines: [{ process: { pid: 5 } }] })
  expect(() => ledger.machine('uefi1')).toThrow(/No machine is named uefi1\. There are: bios1\./)

  await ledger.close()
  await removeRuntimeFiles(newRecord())
  await ledger.setServer(process1)
  expect(await readRecord(labDir)).toBeUndefined()
})

test('a record that cannot be written is logged, and the next change writes all of it', async () => {
  const logged: string[] = []
  const ledger = createLedger(newRecord(), text => logged.push(text))
  const inTheWay = join(labDir, 'lab.json.new')
  await mkdir(inTheWay)
  await ledger.setServer(process1)
  expect(logged).toEqual([expect.stringMatching(/^the lab's record was not written: EISDIR/)])
  await rm(inTheWay, { recursive: true })
  await ledger.setPhase('up')
  expect(await readRecord(labDir)).toMatchObject({ phase: 'up', server: process1 })
  await ledger.close()
})

test('folders are made afresh, for this user alone, and the last logs are kept once', async () => {
  const paths = labPaths(labDir, `${labDir}/run`)
  await mkdir(paths.runDir)
  await mkdir(paths.logDir)
  await writeFile(join(paths.runDir, 'stale.sock'), '')
  await writeFile(join(paths.logDir, 'bios1.console.log'), 'last time')
  await makeFolders(paths, { network: { interface: 'br-godwit' } })
  expect(await readdir(paths.runDir)).toEqual([])
  expect((await stat(paths.runDir)).mode & 0o777).toBe(0o700)
  expect(await readdir(paths.logDir)).toEqual([])
  expect(await readFile(`${paths.logDir}.previous/bios1.console.log`, 'utf8')).toBe('last time')
  expect(await readFile(paths.serverConfig, 'utf8')).toBe('network:\n  interface: br-godwit\n')
})

test('a lab is known by its folder, whatever the way to it', async () => {
  const direct = await makeLabDir(labDir)
  expect(await makeLabDir(`${labDir}/../${labDir.split('/').at(-1)}`)).toEqual(direct)
  expect(direct.id).toMatch(/^[0-9a-f]{8}$/)
})
