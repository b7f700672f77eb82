import type { JobSize } from '../../jobs/job-size.ts'
import type { PlannedJob } from './workload.ts'

/** What one program was measured to take on the largest machine with nothing beside it and no work to do. */
export type Footprint = {
  readonly program: string
  /** From asking to the end: starting the JVM, touching its memory, ending. Seconds. */
  readonly overheadS: number
  readonly peakMemoryBytes: number
}

/** The footprint of a program. Throws RangeError for one that was not measured. */
export function footprintOf(footprints: readonly Footprint[], { program }: JobSize): Footprint {
  const found = footprints.find(one => one.program === program)
  if (found === undefined) throw new RangeError(`${program} was not measured`)
  return found
}

/**
 * Seconds a job takes alone on the largest machine: what its program takes without work, and its work, which no program
 * here has more threads for than that machine has processors.
 */
export function aloneS({ size }: PlannedJob, footprints: readonly Footprint[]): number {
  return footprintOf(footprints, size).overheadS + size.seconds
}
