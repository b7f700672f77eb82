import type { LabStatus } from '../../../lab/status.ts'
import { readBusySeconds, readProcessTimes } from '../io/process-times.ts'
import { type Figures, rounded } from '../stats.ts'
import { cpuFigures, cpuSecondsByProgram, familySeconds } from './cpu-time.ts'

/** One reading of the host's CPU times: the server's side by program, the whole lab with its machine, everything. */
type Reading = {
  readonly server: Figures
  readonly labSeconds: number
  readonly busySeconds: number
}

/**
 * Starts to measure CPU time; the function it resolves with says what was used since. `otherCpuSeconds` is what
 * programs that are no part of the lab used meanwhile: a boot beside them was slower than it need have been.
 */
export async function startMeter(
  lab: Pick<LabStatus, 'serverPid' | 'supervisorPid'>,
): Promise<() => Promise<Figures>> {
  const before = await read(lab)
  return async () => {
    const after = await read(lab)
    const labSeconds = after.labSeconds - before.labSeconds
    const otherCpuSeconds = rounded(Math.max(0, after.busySeconds - before.busySeconds - labSeconds))
    return { ...cpuFigures(before.server, after.server), otherCpuSeconds }
  }
}

async function read(lab: Pick<LabStatus, 'serverPid' | 'supervisorPid'>): Promise<Reading> {
  const [busySeconds, processes] = await Promise.all([readBusySeconds(), readProcessTimes()])
  return {
    server: cpuSecondsByProgram(processes, lab.serverPid ?? 0),
    labSeconds: familySeconds(processes, lab.supervisorPid ?? 0),
    busySeconds,
  }
}
