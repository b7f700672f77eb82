import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { LabConfig } from '../config/lab.ts'
import { SERVER_NODE_OPTIONS } from '../config/node-options.ts'
import { LabFailure } from './failure.ts'
import { chooseAccel } from './io/accel-probe.ts'
import { findRunDir, makeFolders, makeLabDir, removeFolder } from './io/folders.ts'
import { checkHost } from './io/preflight.ts'
import {
  alive,
  endProcesses,
  markedProcesses,
  ownProcess,
  signalProcess,
  waitForEnd,
} from './io/processes.ts'
import { labStatus } from './io/read-status.ts'
import { createRecord, readRecord, removeRuntimeFiles } from './io/record-file.ts'
import { startSupervisor } from './io/supervisor-process.ts'
import { configFields, type LabUpOptions } from './options.ts'
import { labPaths } from './paths.ts'
import { type LabPlan, type LabRecord, recordedProcesses } from './record.ts'
import { labServerConfig } from './server-config.ts'
import type { LabStatus } from './status.ts'

// The supervisor's own limits for machines and server, and some air.
const SUPERVISOR_GRACE_MS = 25_000
const LEFTOVER_GRACE_MS = 3000

/**
 * Starts a lab: private network, the server, and the machines, which then boot. Resolves when all of them run;
 * the lab goes on without this process until {@link labDown}. Leftovers of a crashed lab are removed first.
 * Throws LabFailure with cause and next step, and then leaves nothing behind.
 */
export async function labUp(options: LabUpOptions): Promise<LabStatus> {
  const { signal, onProgress } = options
  const { labDir, id } = await makeLabDir(options.labDir)
  await clearTheWay(labDir, onProgress)
  const plan = await makePlan(options, labDir, id)
  const record: LabRecord = {
    version: 1,
    id,
    phase: 'starting',
    plan,
    starter: ownProcess(),
    supervisor: null,
    server: null,
    machines: [],
  }
  if (!(await createRecord(record))) throw alreadyUp(labDir)
  try {
    await forgetOldState(options, plan)
    await makeFolders(labPaths(labDir, plan.runDir, plan.stateDir), labServerConfig(plan))
    await startSupervisor(record, signal, onProgress)
  } catch (error) {
    await sweep(record)
    throw error
  }
  return labStatus({ labDir })
}

/**
 * Takes a lab down, whether it runs or crashed: its supervisor is asked first, then whatever is left of it is
 * ended. Returns whether there was a lab. Logs and the server's state stay.
 */
export async function labDown(options: {
  readonly labDir: string
  readonly onProgress: (text: string) => void
}): Promise<boolean> {
  const labDir = resolve(options.labDir)
  const record = await readRecord(labDir)
  if (record === undefined) return false
  if (record.supervisor === null && alive(record.starter) && record.starter.pid !== process.pid)
    throw new LabFailure(
      'already-up',
      'This lab is only just being started',
      'Wait a moment, or stop that start',
    )
  if (record.supervisor !== null && signalProcess(record.supervisor, 'SIGTERM')) {
    options.onProgress('the lab goes down')
    await waitForEnd([record.supervisor], SUPERVISOR_GRACE_MS)
  }
  const leftovers = await sweep(record)
  if (leftovers > 0) options.onProgress(`ended ${leftovers} leftover processes`)
  return true
}

async function clearTheWay(labDir: string, onProgress: (text: string) => void): Promise<void> {
  const { state } = await labStatus({ labDir })
  if (state === 'up' || state === 'starting') throw alreadyUp(labDir)
  if (state !== 'crashed') return
  onProgress('removing what a crashed lab left')
  await labDown({ labDir, onProgress })
}

/** Each lab is new machines: what the server of the last one knew of its own would only confuse. */
async function forgetOldState(options: LabUpOptions, plan: LabPlan): Promise<void> {
  if (options.stateDir === undefined) await removeFolder(plan.stateDir)
}

async function makePlan(options: LabUpOptions, labDir: string, id: string): Promise<LabPlan> {
  const config = checkedConfig(options)
  const userNamespace = process.getuid?.() !== 0
  await checkHost(config, userNamespace)
  const runDir = findRunDir(labDir, id)
  const paths = labPaths(labDir, runDir, options.stateDir && resolve(options.stateDir))
  const accel = await chooseAccel(config.accel, paths.accel)
  options.onProgress(`${accel.kind.toUpperCase()}: ${accel.reason}`)
  return {
    labDir,
    runDir,
    stateDir: paths.stateDir,
    imageDir: resolve(options.imageDir),
    config,
    accel,
    userNamespace,
    serverArgv: options.serverArgv ?? godwitServe(paths.serverConfig, options.serverArgs ?? []),
  }
}

function checkedConfig(options: LabUpOptions): LabConfig {
  const config = LabConfig.safeParse(configFields(options))
  if (config.success) return config.data
  const problems = config.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
  throw new LabFailure('bad-config', `No such lab can be had (${problems.join('; ')})`, 'Ask for another one')
}

function godwitServe(configPath: string, extraArgs: readonly string[]): readonly string[] {
  const program = fileURLToPath(new URL('../cli/godwit.js', import.meta.url))
  return [process.execPath, ...SERVER_NODE_OPTIONS, program, 'serve', '--config', configPath, ...extraArgs]
}

// Ends everything the record or the mark names, then removes the files; returns how many had to be ended.
async function sweep(record: LabRecord): Promise<number> {
  const found = [...recordedProcesses(record), ...markedProcesses(record.id)].filter(alive)
  const leftovers = [...new Map(found.map(id => [id.pid, id])).values()]
  const survivors = await endProcesses(leftovers, LEFTOVER_GRACE_MS)
  if (survivors.length > 0) {
    const pids = survivors.map(id => id.pid).join(', ')
    throw new LabFailure(
      'still-running',
      `Processes do not end: ${pids}`,
      'End them, as their owner or as root',
    )
  }
  await removeRuntimeFiles(record)
  return leftovers.length
}

function alreadyUp(labDir: string): LabFailure {
  return new LabFailure(
    'already-up',
    `The lab in ${labDir} is already up`,
    'See godwit lab status, or take it down',
  )
}
