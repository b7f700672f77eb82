import type { Scenario } from '../../../server/simulation/scenario.ts'
import { jobCommand } from '../../jobs/install.ts'
import { aloneS, type Footprint, footprintOf } from './alone.ts'
import type { FoundMachine } from './machines.ts'
import type { PlannedJob } from './workload.ts'

/** The list of arrivals for `godwit simulate --arrivals`. */
export type ArrivalDocument = {
  readonly nodes: readonly {
    readonly name: string
    readonly cores: number
    readonly speed: number
    readonly memoryBytes: number
  }[]
  readonly jobs: readonly Omit<Scenario['jobs'][number], 'id' | 'home' | 'hintBytes'>[]
}

/**
 * The jobs and machines of a run for the simulator. Work is processor time of the node, so all processors are of speed
 * 1. A job's work is such that it takes alone what was measured; its memory is the peak that was measured.
 */
export function arrivalDocument(
  machines: readonly FoundMachine[],
  jobs: readonly PlannedJob[],
  footprints: readonly Footprint[],
): ArrivalDocument {
  return {
    nodes: machines.map(({ name, cpus, memoryBytes }) => ({ name, cores: cpus, speed: 1, memoryBytes })),
    jobs: jobs.map(job => ({
      arrivalS: job.arrivalS,
      workS: aloneS(job, footprints) * job.size.threads,
      threads: job.size.threads,
      memoryBytes: footprintOf(footprints, job.size).peakMemoryBytes,
      command: [...jobCommand(job.size)],
    })),
  }
}
