import type { LabFirmware, LabMachineName, LabNic } from '../config/lab.ts'
import type { Mac } from '../config/values/mac.ts'
import type { AccelChoice } from './accel.ts'
import { LabFailure } from './failure.ts'
import type { HostProcess } from './host-process.ts'
import { enterArgv } from './namespace.ts'
import { labPaths, machineFiles } from './paths.ts'
import type { LabRecord } from './record.ts'

/** One machine as `lab status` shows it. `console` is the serial port's socket, `consoleLog` all it ever said. */
type LabMachineStatus = {
  readonly name: LabMachineName
  readonly firmware: LabFirmware
  readonly nic: LabNic
  readonly mac: Mac
  readonly memoryMiB: number
  readonly cpus: number
  readonly pid: number | null
  readonly state: 'on' | 'off'
  readonly consoleLog: string
  readonly consoleSocket: string
}

/**
 * A lab as it is now. `crashed`: a record exists, but its supervisor does not; `labDown` cleans that up.
 * Pids are null for what does not run.
 */
export type LabStatus = {
  readonly state: 'down' | 'starting' | 'up' | 'crashed'
  readonly labDir: string
  readonly accel: AccelChoice | null
  readonly supervisorPid: number | null
  readonly serverPid: number | null
  /** A process that lives in the lab's network namespace. */
  readonly netnsPid: number | null
  /** Whether that namespace belongs to a user namespace of the lab's own. */
  readonly userNamespace: boolean
  readonly adminSocket: string | null
  readonly controlSocket: string | null
  readonly serverLog: string | null
  readonly machines: readonly LabMachineStatus[]
}

/** The status of a folder without a lab. */
export function downStatus(labDir: string): LabStatus {
  const nothing = { accel: null, supervisorPid: null, serverPid: null, netnsPid: null, userNamespace: false }
  return {
    state: 'down',
    labDir,
    ...nothing,
    adminSocket: null,
    controlSocket: null,
    serverLog: null,
    machines: [],
  }
}

/** The status that follows from the record and from which of its processes still live. */
export function statusOf(record: LabRecord, alive: (id: HostProcess) => boolean): LabStatus {
  const paths = labPaths(record.plan.labDir, record.plan.runDir, record.plan.stateDir)
  const pidOf = (id: HostProcess | null) => (id !== null && alive(id) ? id.pid : null)
  const supervisorPid = pidOf(record.supervisor)
  const serverPid = pidOf(record.server)
  const machines = record.machines.map(({ spec, process }): LabMachineStatus => {
    const pid = pidOf(process)
    const { consoleLog, consoleSocket } = machineFiles(paths, spec.name)
    const { name, firmware, nic, mac, memoryMiB, cpus } = spec
    const state = pid ? 'on' : 'off'
    return { name, firmware, nic, mac, memoryMiB, cpus, pid, state, consoleLog, consoleSocket }
  })
  return {
    state: stateOf(record, alive),
    labDir: paths.labDir,
    accel: record.plan.accel,
    supervisorPid,
    serverPid,
    netnsPid: supervisorPid ?? serverPid ?? machines.find(machine => machine.pid !== null)?.pid ?? null,
    userNamespace: record.plan.userNamespace,
    adminSocket: paths.adminSocket,
    controlSocket: paths.controlSocket,
    serverLog: paths.serverLog,
    machines,
  }
}

/**
 * The argument vector that runs `argv` on the lab's network, e.g. `tcpdump -i br-godwit`. Throws LabFailure `not-up`
 * when nothing of the lab lives.
 */
export function labExecArgv(status: LabStatus, argv: readonly string[]): readonly string[] {
  if (status.netnsPid !== null) return enterArgv(status.netnsPid, status.userNamespace, argv)
  throw new LabFailure(
    'not-up',
    'The lab is down, so there is no network to enter',
    'Start it with godwit lab up',
  )
}

function stateOf(record: LabRecord, alive: (id: HostProcess) => boolean): LabStatus['state'] {
  if (record.supervisor === null) return alive(record.starter) ? 'starting' : 'crashed'
  if (!alive(record.supervisor)) return 'crashed'
  return record.phase
}
