import type { ControlRequest } from '../control.ts'
import { LabFailure } from '../failure.ts'
import { type Child, startChild } from '../io/child.ts'
import { remountSysfs, runIp } from '../io/ip.ts'
import { endProcesses, markedProcesses, ownProcess, signalProcess, waitForEnd } from '../io/processes.ts'
import { removeRuntimeFiles } from '../io/record-file.ts'
import { waitForSocket } from '../io/sockets.ts'
import { type MachineShape, type MachineSpec, nextMachine } from '../machine.ts'
import { bridgeCommands } from '../network.ts'
import { labPaths } from '../paths.ts'
import { defaultShape, plannedShapes } from '../plan.ts'
import type { LabRecord } from '../record.ts'
import { labServerEnv } from '../server-config.ts'
import { createLedger } from './ledger.ts'
import { buildMachine, startMachine } from './machines.ts'
import { startRouter } from './router.ts'

// From a cold start: loading the program, making the CA and its keys, opening the store.
const SERVER_READY_LIMIT_MS = 60_000
const SERVER_GRACE_MS = 8000
const MACHINE_GRACE_MS = 3000

/** The lab at work, inside its namespace. Its methods are called one after the other, never at once. */
export type Lab = {
  /** Network, server, then the machines of the plan; calls `say` with what is being done. */
  start(say: (text: string) => void): Promise<void>
  /** Does what a control request asks; returns the name of the machine concerned, or `server`. */
  control(request: ControlRequest): Promise<string>
  /** Switches everything off and removes the lab's runtime files. */
  stop(): Promise<void>
}

/**
 * The lab that `record` plans. `env` is what its programs get; `log` gets what happens by itself, e.g. that a
 * machine went off. Nothing is restarted by itself: a crash should be seen.
 */
export function createLab(
  record: LabRecord,
  env: Readonly<Record<string, string | undefined>>,
  log: (text: string) => void,
): Lab {
  const { plan } = record
  const paths = labPaths(plan.labDir, plan.runDir, plan.stateDir)
  const ledger = createLedger({ ...record, supervisor: ownProcess() }, log)
  let stopping = false

  // A start that is still under way when the lab is stopped must not leave a program behind the stop's back.
  const refuseWhenStopping = () => {
    if (stopping) throw new LabFailure('aborted', 'The lab is going down', 'Wait for it, then start it again')
  }

  const startServer = async () => {
    refuseWhenStopping()
    const child = await startChild(plan.serverArgv, paths.serverLog, labServerEnv(env))
    await ledger.setServer(child.id)
    void child.ended.then(async end => {
      log(`server ended: ${end}`)
      if (ledger.current().server?.pid === child.id.pid) await ledger.setServer(null)
    })
    await serverReady(child, paths.adminSocket, paths.serverLog)
  }

  const switchOn = async (spec: MachineSpec) => {
    refuseWhenStopping()
    const child = await startMachine(spec, paths, plan.accel.kind, record.id, env)
    await ledger.setMachine(spec, child.id)
    void child.ended.then(async end => {
      log(`${spec.name} ended: ${end}`)
      if (ledger.machine(spec.name).process?.pid === child.id.pid) await ledger.setMachine(spec, null)
    })
  }

  const addMachine = async (shape: MachineShape, name?: string) => {
    const specs = ledger.current().machines.map(machine => machine.spec)
    if (specs.some(spec => spec.name === name))
      throw new LabFailure('machine-failed', `A machine is already named ${name}`, 'Choose another name')
    const spec = nextMachine(specs, shape, name)
    await buildMachine(spec, paths)
    await ledger.setMachine(spec, null)
    await switchOn(spec)
    return spec.name
  }

  const powerOff = async (name: string) => {
    const { spec, process } = ledger.machine(name)
    // QEMU ends on SIGTERM as on QMP's quit: at once, without asking the guest.
    if (process !== null) await endProcesses([process], MACHINE_GRACE_MS)
    await ledger.setMachine(spec, null)
    return name
  }

  const powerOn = async (name: string) => {
    const { spec, process } = ledger.machine(name)
    if (process === null) await switchOn(spec)
    return name
  }

  const restartServer = async () => {
    const { server } = ledger.current()
    if (server !== null && signalProcess(server, 'SIGKILL')) await waitForEnd([server], SERVER_GRACE_MS)
    await startServer()
    return 'server'
  }

  return {
    start: async say => {
      const sysfsProblem = await remountSysfs()
      if (sysfsProblem) log(`/sys still shows the host's devices: ${sysfsProblem}`)
      say('network')
      await runIp(bridgeCommands())
      if (plan.config.dhcp === 'beside') {
        say('router')
        await startRouter(paths, labServerEnv(env))
      }
      say('server')
      await startServer()
      for (const shape of plannedShapes(plan.config)) say(`machine ${await addMachine(shape)} is on`)
      await ledger.setPhase('up')
    },
    control: async request => {
      switch (request.op) {
        case 'power-on':
          return powerOn(request.name)
        case 'power-off':
          return powerOff(request.name)
        case 'add-machine':
          return addMachine(defaultShape(plan.config, request), request.name)
        case 'restart-server':
          return restartServer()
      }
    },
    stop: async () => {
      stopping = true
      const { server } = ledger.current()
      const others = markedProcesses(record.id).filter(id => id.pid !== server?.pid)
      // Machines first: a node that goes while its server still looks on is seen to go.
      await endProcesses(others, MACHINE_GRACE_MS)
      await endProcesses(markedProcesses(record.id), SERVER_GRACE_MS)
      await ledger.close()
      await removeRuntimeFiles(record)
    },
  }
}

async function serverReady(child: Child, adminSocket: string, serverLog: string): Promise<void> {
  if (await waitForSocket(adminSocket, 'listening', SERVER_READY_LIMIT_MS, child.gone)) return
  const cause = child.gone.aborted
    ? `The server ended with ${await child.ended}`
    : 'The server does not answer'
  throw new LabFailure('server-failed', cause, `See ${serverLog}`)
}
