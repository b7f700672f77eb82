import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { availableParallelism, cpus, networkInterfaces, release } from 'node:os'
import { basename, join } from 'node:path'
import { readMemory } from '../load/read.ts'
import { driversLoaded } from './drivers.ts'
import type { RawFields, RawHardware, RawNic } from './raw.ts'

/** The programs systeminformation asks; without one its fields are silently empty, so we look for them ourselves. */
const TOOLS = ['lscpu', 'lsblk', 'dmidecode'] as const
const TOOL_FOLDERS = ['/usr/bin', '/usr/sbin', '/bin', '/sbin']

/**
 * Reads the hardware. systeminformation is loaded only here and one question follows the other: on a slow machine
 * a dozen programs at once would take the CPU from the join. Never its versions(), getStaticData() or inetLatency():
 * they start compilers and ping the internet. A question that fails gives empty fields.
 */
export async function probeHardware(): Promise<RawHardware> {
  const si = (await import('systeminformation')).default
  const cpu = await one(() => si.cpu())
  const memoryModules = await many(() => si.memLayout())
  const system = await one(() => si.system())
  const baseboard = await one(() => si.baseboard())
  const bios = await one(() => si.bios())
  await driversLoaded() // disks are the last to appear
  const blockDevices = await many(() => si.blockDevices())
  const disks = await many(() => si.diskLayout())
  return {
    cpu,
    kernelCpu: { model: cpus()[0]?.model ?? '', mhz: cpus()[0]?.speed ?? 0 },
    threads: availableParallelism(),
    memoryTotalBytes: readMemory().totalBytes,
    memoryModules,
    disks,
    blockDevices,
    nics: readNics('/sys/class/net'),
    system,
    baseboard,
    bios,
    kernel: release(),
    efi: existsSync('/sys/firmware/efi'),
    missingTools: TOOLS.filter(tool => !TOOL_FOLDERS.some(folder => existsSync(join(folder, tool)))),
  }
}

/** systeminformation leaves out interfaces without an address, which a diskless node's second NIC has not. */
function readNics(folder: string): readonly RawNic[] {
  const addresses = networkInterfaces()
  return list(folder).map(name => {
    const file = (path: string) => read(join(folder, name, path))
    return {
      name,
      address: file('address'),
      speed: file('speed'),
      carrier: file('carrier'),
      type: file('type'),
      physical: existsSync(join(folder, name, 'device')),
      driver: driverOf(join(folder, name, 'device/driver')),
      ip: addresses[name]?.find(address => address.family === 'IPv4')?.address,
    }
  })
}

function driverOf(link: string): string | undefined {
  try {
    return basename(readlinkSync(link))
  } catch {
    return undefined
  }
}

function list(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** `speed` and `carrier` of an interface that is down cannot be read (EINVAL): that is an answer, too. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

async function one(question: () => Promise<object>): Promise<RawFields> {
  try {
    return (await question()) as RawFields
  } catch {
    return {}
  }
}

async function many(question: () => Promise<readonly object[]>): Promise<readonly RawFields[]> {
  try {
    return (await question()) as readonly RawFields[]
  } catch {
    return []
  }
}
