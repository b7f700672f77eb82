import * as z from 'zod'
import { LabConfig } from '../config/lab.ts'
import { AccelChoice } from './accel.ts'
import { HostProcess } from './host-process.ts'
import { MachineSpec } from './machine.ts'

/** What the supervisor is to run. Paths are absolute; `serverArgv` is the whole command of the server. */
export const LabPlan = z.strictObject({
  labDir: z.string(),
  runDir: z.string(),
  stateDir: z.string(),
  imageDir: z.string(),
  config: LabConfig,
  accel: AccelChoice,
  /** Whether the lab has a user namespace of its own, because whoever started it is not root. */
  userNamespace: z.boolean(),
  serverArgv: z.array(z.string()).min(1).readonly(),
})
export type LabPlan = z.output<typeof LabPlan>

/** One machine and the QEMU that it is now, if it is switched on. */
export const MachineRecord = z.strictObject({ spec: MachineSpec, process: HostProcess.nullable() })
export type MachineRecord = z.output<typeof MachineRecord>

/**
 * `lab.json`: everything needed to find a lab again, also after its supervisor was killed. Created exclusively
 * by `labUp` (so that two cannot start one lab), from then on written by the supervisor alone.
 */
export const LabRecord = z.strictObject({
  version: z.literal(1),
  /** Eight hex digits made of the lab's folder; in the environment and the `-name` of its processes. */
  id: z.string(),
  phase: z.enum(['starting', 'up']),
  plan: LabPlan,
  starter: HostProcess,
  supervisor: HostProcess.nullable(),
  server: HostProcess.nullable(),
  machines: z.array(MachineRecord).readonly(),
})
export type LabRecord = z.output<typeof LabRecord>

/** All processes the record names, except whoever started it. */
export function recordedProcesses(record: LabRecord): readonly HostProcess[] {
  const machines = record.machines.map(machine => machine.process)
  return [record.supervisor, record.server, ...machines].filter(process => process !== null)
}
