import { copyFile, mkdir, truncate, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AccelKind } from '../accel.ts'
import { LabFailure } from '../failure.ts'
import { firmwareFiles } from '../firmware.ts'
import { type Child, startChild } from '../io/child.ts'
import { runIp, runTc } from '../io/ip.ts'
import { waitForSocket } from '../io/sockets.ts'
import { type MachineFiles, type MachineSpec, qemuArgv } from '../machine.ts'
import { cableCommands, tapCommands } from '../network.ts'
import { type LabPaths, machineFiles } from '../paths.ts'

// QEMU opens its monitor within a second on an idle host; a loaded one may take much longer.
const START_LIMIT_MS = 30_000

/** Makes what a new machine consists of: its cable to the bridge, its blank disks, its variable store. */
export async function buildMachine(spec: MachineSpec, paths: LabPaths): Promise<void> {
  const files = machineFiles(paths, spec.name)
  await mkdir(dirname(files.nvram), { recursive: true })
  const firmware = firmwareFiles(spec.firmware)
  if (firmware !== undefined) await copyFile(firmware.vars, files.nvram)
  for (const [index, { sizeMiB }] of spec.disks.entries()) await makeDisk(files.disk(index), sizeMiB)
  await runIp(tapCommands(spec.name))
  const cable = cableCommands(spec.name, spec.nic)
  if (cable.length > 0) await runTc(cable)
}

/** Switches a machine on; resolves when its QEMU runs. Throws LabFailure `machine-failed` when it does not. */
export async function startMachine(
  spec: MachineSpec,
  paths: LabPaths,
  accel: AccelKind,
  labId: string,
  env: Record<string, string | undefined>,
): Promise<Child> {
  const files = machineFiles(paths, spec.name)
  const log = qemuLog(files)
  const child = await startChild(qemuArgv(spec, files, accel, labId), log, env)
  if (await waitForSocket(files.qmpSocket, 'greeting', START_LIMIT_MS, child.gone)) return child
  throw new LabFailure('machine-failed', `The machine ${spec.name} did not start`, `See ${log}`)
}

/** Where QEMU's own complaints go, beside the console's log. */
function qemuLog(files: MachineFiles): string {
  return files.consoleLog.replace(/\.console\.log$/, '.qemu.log')
}

// Sparse: a blank disk costs nothing until the machine writes to it.
async function makeDisk(path: string, sizeMiB: number): Promise<void> {
  await writeFile(path, '')
  await truncate(path, sizeMiB * 2 ** 20)
}
