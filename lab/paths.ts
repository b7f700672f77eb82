import type { LabMachineName } from '../config/lab.ts'
import type { MachineFiles } from './machine.ts'

/** Bytes a unix socket's path may have: sun_path holds 108, one is the terminating zero (unix(7)). */
export const SOCKET_PATH_MAX_BYTES = 107

// The longest name a socket of ours can have inside the runtime folder: an 11 character machine's console.
const LONGEST_SOCKET_NAME = `/${'x'.repeat(11)}.console.sock`

/** Where the lab in one folder keeps what; `runDir` holds the sockets and is gone when the lab is down. */
export type LabPaths = {
  readonly labDir: string
  readonly runDir: string
  readonly record: string
  readonly accel: string
  readonly serverConfig: string
  readonly stateDir: string
  readonly logDir: string
  readonly serverLog: string
  readonly supervisorLog: string
  readonly machineDir: string
  readonly adminSocket: string
  readonly controlSocket: string
  readonly relaySocket: string
  /** What the nodes see as /home, and the users they know. */
  readonly homeDir: string
  readonly passwd: string
  readonly group: string
}

/** The folder for sockets: in the lab's folder where their paths fit, in `shortDir` where not. */
export type RunDirChoice =
  | { readonly kind: 'fits'; readonly runDir: string }
  | { readonly kind: 'too-long'; readonly path: string; readonly sizeBytes: number }

/** Chooses the folder for sockets so that every one of them has a path the kernel takes. */
export function chooseRunDir(labDir: string, shortDir: string): RunDirChoice {
  for (const runDir of [`${labDir}/run`, shortDir]) {
    if (pathBytes(runDir + LONGEST_SOCKET_NAME) <= SOCKET_PATH_MAX_BYTES) return { kind: 'fits', runDir }
  }
  const path = shortDir + LONGEST_SOCKET_NAME
  return { kind: 'too-long', path, sizeBytes: pathBytes(path) }
}

/** All paths of the lab in `labDir` (absolute) whose sockets live in `runDir`. */
export function labPaths(labDir: string, runDir: string, stateDir = `${labDir}/state`): LabPaths {
  const logDir = `${labDir}/logs`
  return {
    labDir,
    runDir,
    stateDir,
    logDir,
    record: recordPath(labDir),
    accel: `${labDir}/accel.json`,
    serverConfig: `${labDir}/server.yaml`,
    serverLog: `${logDir}/server.log`,
    supervisorLog: `${logDir}/supervisor.log`,
    machineDir: `${labDir}/machines`,
    adminSocket: `${runDir}/admin.sock`,
    controlSocket: `${runDir}/lab.sock`,
    relaySocket: `${runDir}/relay.sock`,
    homeDir: `${stateDir}/homes`,
    passwd: `${stateDir}/passwd`,
    group: `${stateDir}/group`,
  }
}

/** The socket that leads into the network of the lab whose server's admin socket this is, if it is a lab's. */
export function labRelayBeside(adminSocket: string): string {
  return adminSocket.replace(/[^/]*$/, 'relay.sock')
}

/** The record of a lab that is up, or was when it crashed. */
export function recordPath(labDir: string): string {
  return `${labDir}/lab.json`
}

/** The files of one machine. */
export function machineFiles(paths: LabPaths, name: LabMachineName): MachineFiles {
  return {
    consoleSocket: `${paths.runDir}/${name}.console.sock`,
    qmpSocket: `${paths.runDir}/${name}.qmp.sock`,
    consoleLog: `${paths.logDir}/${name}.console.log`,
    nvram: `${paths.machineDir}/${name}/nvram.fd`,
    disk: index => `${paths.machineDir}/${name}/disk${index}.img`,
  }
}

function pathBytes(path: string): number {
  return new TextEncoder().encode(path).length
}
