import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { probeArgs } from '../../lab/boot-probe.ts'
import { bootProbe } from '../../lab/io/accel-probe.ts'
import { attachConsole } from '../../lab/io/console.ts'
import { controlLab } from '../../lab/io/control-client.ts'
import { markedProcesses } from '../../lab/io/processes.ts'
import { labStatus } from '../../lab/io/read-status.ts'
import { readRecord } from '../../lab/io/record-file.ts'
import type { LabUpOptions } from '../../lab/options.ts'
import { labDown, labUp } from '../../lab/service.ts'
import { type LabStatus, labExecArgv } from '../../lab/status.ts'

const FAKE_SERVER = fileURLToPath(new URL('../fakes/lab-server.js', import.meta.url))
// Generous: two firmwares share the cores of whoever runs this, without KVM.
const FIRMWARE_LIMIT_MS = 75_000

const folders: string[] = []
const never = new AbortController().signal

async function labIn(name: string, changes: Partial<LabUpOptions> = {}): Promise<LabUpOptions> {
  const folder = await mkdtemp(join(tmpdir(), 'godwit-e2e-'))
  folders.push(folder)
  const labDir = join(folder, name)
  return {
    labDir,
    imageDir: join(folder, 'images'),
    memoryMiB: 256,
    cpus: 1,
    serverArgv: [process.execPath, FAKE_SERVER, join(labDir, 'server.yaml')],
    signal: never,
    onProgress: () => undefined,
    ...changes,
  }
}

async function waitForText(path: string, pattern: RegExp): Promise<string> {
  const deadline = performance.now() + FIRMWARE_LIMIT_MS
  while (performance.now() < deadline) {
    const text = readFileSync(path, 'utf8')
    if (pattern.test(text)) return text
    await delay(250)
  }
  throw new Error(`${path} never said ${pattern}; it ends with: ${readFileSync(path, 'utf8').slice(-500)}`)
}

async function insideLab(status: LabStatus, ...argv: readonly string[]): Promise<string> {
  const [program = '', ...args] = labExecArgv(status, argv)
  return (await execa(program, args)).stdout
}

function machine(status: LabStatus, name: string) {
  const found = status.machines.find(candidate => candidate.name === name)
  if (found === undefined) throw new Error(`no machine ${name} in ${JSON.stringify(status)}`)
  return found
}

async function expectNothingLeft(labDir: string, id: string): Promise<void> {
  expect(markedProcesses(id)).toEqual([])
  expect(await labStatus({ labDir })).toMatchObject({ state: 'down', machines: [] })
  expect(readdirSync(labDir).filter(name => !/^(logs|state)/.test(name))).toEqual([])
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

describe('a lab with one machine of each firmware', () => {
  let options: LabUpOptions
  let status: LabStatus
  let id = ''

  beforeAll(async () => {
    options = await labIn('lab')
    status = await labUp(options)
    id = (await readRecord(options.labDir))?.id ?? ''
  })
  afterAll(async () => {
    await labDown(options)
  })

  test('both machines and the server run, and the accelerator has a reason', () => {
    expect(status.state).toBe('up')
    expect(status.machines).toMatchObject([
      { name: 'bios1', firmware: 'bios', mac: '52:54:00:67:77:01', state: 'on' },
      { name: 'uefi1', firmware: 'uefi', mac: '52:54:00:67:77:02', state: 'on' },
    ])
    expect(status.serverPid).toBeGreaterThan(1)
    expect(status.accel?.reason).not.toBe('')
  })

  test('bridge and taps are inside, and nothing of them outside', async () => {
    const inside = await insideLab(status, 'ip', '-br', 'address')
    expect(inside).toMatch(/^br-godwit\s+UP\s+10\.77\.0\.1\/24/m)
    expect(inside).toMatch(/^tap-bios1\s+UP/m)
    expect(inside).toMatch(/^tap-uefi1\s+UP/m)
    expect(Object.keys(networkInterfaces()).filter(name => /godwit|^tap-/.test(name))).toEqual([])
  })

  test('a second lab in the same folder is refused', async () => {
    await expect(labUp(options)).rejects.toMatchObject({ name: 'LabFailure', kind: 'already-up' })
  })

  test('the BIOS machine boots by iPXE from its option ROM and gets an address', async () => {
    const { consoleLog } = machine(status, 'bios1')
    expect(await waitForText(consoleLog, /net0: 10\.77\.0\.1\d\d/)).toContain('iPXE')
  })

  test("the UEFI machine boots by the firmware's own PXE stack, which fetches the loader", async () => {
    const { consoleLog } = machine(status, 'uefi1')
    const text = await waitForText(consoleLog, /iPXE initialising devices/)
    expect(text).toMatch(/Start PXE over IPv4/)
    expect(text).toMatch(/NBP filename is snponly\.efi/)
  })

  test('the plug can be pulled, which ends an open console, and put back', async () => {
    const { consoleSocket } = machine(status, 'bios1')
    const streams = { input: new PassThrough(), output: new PassThrough() }
    const session = attachConsole(consoleSocket, streams, never)
    expect(await controlLab(status, { op: 'power-off', name: 'bios1' })).toBe('bios1')
    expect(await session).toBe('closed')
    expect(machine(await labStatus(options), 'bios1').state).toBe('off')
    await controlLab(status, { op: 'power-on', name: 'bios1' })
    expect(machine(await labStatus(options), 'bios1').state).toBe('on')
  })

  test('a machine of another size can be added', async () => {
    expect(await controlLab(status, { op: 'add-machine', firmware: 'bios', memoryMiB: 128 })).toBe('bios2')
    expect(machine(await labStatus(options), 'bios2')).toMatchObject({ state: 'on', memoryMiB: 128 })
  })

  test('a machine that is not there is refused with those that are', async () => {
    await expect(controlLab(status, { op: 'power-on', name: 'nope' })).rejects.toThrow(/bios1, uefi1, bios2/)
  })

  test('the server can be killed and comes back', async () => {
    await controlLab(status, { op: 'restart-server' })
    const { serverPid } = await labStatus(options)
    expect(serverPid).toBeGreaterThan(1)
    expect(serverPid).not.toBe(status.serverPid)
  })

  test('down leaves no process and no file but logs and state', async () => {
    expect(await labDown(options)).toBe(true)
    await expectNothingLeft(options.labDir, id)
    expect(existsSync(machine(status, 'uefi1').consoleLog)).toBe(true)
    expect(await labDown(options)).toBe(false)
  })
})

describe('a lab that ends badly', () => {
  test('after kill -9 of its supervisor, down finds and ends the rest, in a folder with a long name too', async () => {
    const options = await labIn('long-'.repeat(20), { uefi: 0 })
    const status = await labUp(options)
    const record = await readRecord(options.labDir)
    process.kill(status.supervisorPid ?? 0, 'SIGKILL')
    await expect.poll(async () => (await labStatus(options)).state).toBe('crashed')
    expect(machine(await labStatus(options), 'bios1').state).toBe('on')
    expect(await labDown(options)).toBe(true)
    await expectNothingLeft(options.labDir, record?.id ?? '')
    expect(existsSync(record?.plan.runDir ?? '')).toBe(false)
  })

  test('a server that ends at once is named as the cause, with its log, and nothing is left', async () => {
    const options = await labIn('lab', { serverArgv: ['sh', '-c', 'echo no >&2; exit 3'] })
    const failure = await labUp(options).catch((error: unknown) => error)
    expect(String(failure)).toMatch(/server ended with status 3.*server\.log/)
    expect(readFileSync(join(options.labDir, 'logs/server.log'), 'utf8')).toBe('no\n')
    expect(readdirSync(options.labDir).sort()).toEqual(['logs', 'state'])
  })

  test('a start that is interrupted leaves nothing', async () => {
    const abort = new AbortController()
    const onProgress = (text: string) => (text === 'server' ? abort.abort() : undefined)
    const options = await labIn('lab', { serverArgv: ['sleep', '300'], signal: abort.signal, onProgress })
    await expect(labUp(options)).rejects.toMatchObject({ kind: 'aborted' })
    expect(readdirSync(options.labDir).sort()).toEqual(['logs', 'state'])
  })

  test.each([
    [{ memoryMiB: 1 }, /memoryMiB/],
    [{ bios: 1000 }, /bios/],
  ])('%j is refused before anything starts', async (changes, problem) => {
    const options = await labIn('lab', changes)
    await expect(labUp(options)).rejects.toThrow(problem)
    expect(readdirSync(options.labDir)).toEqual([])
  })
})

test('the probe guest reaches 64-bit mode where guests work, and is given up where they do not', async () => {
  const onTcg = (image: string) => probeArgs(image).map(word => (word === 'kvm' ? 'tcg' : word))
  expect(await bootProbe(onTcg, 30_000)).toMatchObject({ kind: 'booted' })
  const stopped = (image: string) => [...onTcg(image), '-S']
  expect(await bootProbe(stopped, 300)).toMatchObject({ kind: 'hung' })
  expect(await bootProbe(() => ['-accel', 'nonsense'])).toMatchObject({ kind: 'failed' })
})
