import type { LabStatus } from '../../../lab/status.ts'
import { familySeconds, type ProcessTimes } from '../boot/cpu-time.ts'
import { readBusySeconds, readProcessTimes } from '../io/process-times.ts'
import { type Figures, rounded } from '../stats.ts'

/** Processors of the host kept busy on average: by this bench with its lab, and by everything else. */
export type HostCores = { readonly ownCores: number; readonly otherCores: number }

/** Starts to measure the host; the function it resolves with says how busy it was since, in processors. */
export async function startHostMeter(
  lab: Pick<LabStatus, 'supervisorPid'>,
): Promise<() => Promise<HostCores>> {
  const [startMs, before] = [Date.now(), await read(lab)]
  return async () => {
    const after = await read(lab)
    return coresOf(before, after, (Date.now() - startMs) / 1000)
  }
}

/** The cores of two readings, `seconds` apart. Nothing is below 0: clocks of processes tick coarsely. */
export function coresOf(before: Figures, after: Figures, seconds: number): HostCores {
  const used = (name: string) => Math.max(0, (after[name] ?? 0) - (before[name] ?? 0)) / seconds
  return {
    ownCores: rounded(used('own')),
    otherCores: rounded(Math.max(0, used('busy') - used('own'))),
  }
}

async function read({ supervisorPid }: Pick<LabStatus, 'supervisorPid'>): Promise<Figures> {
  const [busy, processes] = await Promise.all([readBusySeconds(), readProcessTimes()])
  return { busy, own: ownSeconds(processes, process.pid, supervisorPid) }
}

/** CPU seconds of the bench, its commands and its lab, whose supervisor it may have started itself. */
export function ownSeconds(
  processes: readonly ProcessTimes[],
  benchPid: number,
  supervisorPid: number | null,
): number {
  const apart = processes.filter(({ pid }) => pid !== supervisorPid)
  return (
    familySeconds(apart, benchPid) + (supervisorPid === null ? 0 : familySeconds(processes, supervisorPid))
  )
}
