import { LabFailure } from '../failure.ts'
import type { HostProcess } from '../host-process.ts'
import { replaceRecord } from '../io/record-file.ts'
import type { MachineSpec } from '../machine.ts'
import type { LabRecord, MachineRecord } from '../record.ts'

/**
 * The running lab's record, in memory and in its file. Each write resolves when it is in the file, or has failed and
 * was logged: the lab goes on without its file, and the next write brings all of it.
 */
export type Ledger = {
  current(): LabRecord
  setPhase(phase: LabRecord['phase']): Promise<void>
  setServer(server: HostProcess | null): Promise<void>
  /** Adds the machine, or changes which process it is. */
  setMachine(spec: MachineSpec, process: HostProcess | null): Promise<void>
  /** The machine of this name; throws LabFailure `machine-unknown` with the names there are. */
  machine(name: string): MachineRecord
  /** Ends the writing; changes after this are dropped. Resolves when the file will not be touched again. */
  close(): Promise<void>
}

/**
 * A ledger that goes on from `initial`. Writes are queued: the file always ends as the last change made it. `log` gets
 * what could not be written.
 */
export function createLedger(initial: LabRecord, log: (text: string) => void): Ledger {
  let record = initial
  let writing = Promise.resolve()
  let closed = false

  const change = (fields: Partial<LabRecord>): Promise<void> => {
    record = { ...record, ...fields }
    const snapshot = record
    if (closed) return writing
    writing = writing
      .then(() => replaceRecord(snapshot))
      .catch((error: Error) => log(`the lab's record was not written: ${error.message}`))
    return writing
  }

  return {
    current: () => record,
    setPhase: phase => change({ phase }),
    setServer: server => change({ server }),
    setMachine: (spec, process) => change({ machines: withMachine(record.machines, { spec, process }) }),
    machine: name => {
      const found = record.machines.find(machine => machine.spec.name === name)
      if (found) return found
      const names = record.machines.map(machine => machine.spec.name).join(', ')
      throw new LabFailure('machine-unknown', `No machine is named ${name}`, `There are: ${names || 'none'}`)
    },
    close: () => {
      closed = true
      return writing
    },
  }
}

function withMachine(machines: readonly MachineRecord[], changed: MachineRecord): readonly MachineRecord[] {
  const known = machines.some(machine => machine.spec.name === changed.spec.name)
  if (!known) return [...machines, changed]
  return machines.map(machine => (machine.spec.name === changed.spec.name ? changed : machine))
}
