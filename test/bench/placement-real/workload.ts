import { createRandom, exponential, index, normal } from '../../../server/simulation/random.ts'
import type { JobSize } from '../../jobs/job-size.ts'

/** One JVM that is asked for, `arrivalS` seconds after the first may be. */
export type PlannedJob = { readonly id: number; readonly arrivalS: number; readonly size: JobSize }

/** What decides which jobs come and when. `gapS` is the mean time between two. */
export type Plan = { readonly jobs: number; readonly seed: number; readonly gapS: number }

/** The programs: small and large, short and long, one thread and two. `seconds` is what one run is about. */
export const PROGRAMS: readonly JobSize[] = [
  { program: 'tick', heapMiB: 64, touchMiB: 32, threads: 1, seconds: 3 },
  { program: 'parse', heapMiB: 128, touchMiB: 80, threads: 1, seconds: 6 },
  { program: 'pair', heapMiB: 128, touchMiB: 64, threads: 2, seconds: 4 },
  { program: 'index', heapMiB: 256, touchMiB: 200, threads: 1, seconds: 5 },
  { program: 'solve', heapMiB: 256, touchMiB: 160, threads: 1, seconds: 14 },
  { program: 'merge', heapMiB: 384, touchMiB: 300, threads: 2, seconds: 6 },
  { program: 'model', heapMiB: 512, touchMiB: 420, threads: 1, seconds: 10 },
  { program: 'bulk', heapMiB: 640, touchMiB: 520, threads: 1, seconds: 8 },
]

/** Runs of one program differ by this, the deviation of the logarithm of their length. */
const SIGMA = 0.5
/** Bounds of a run's length, seconds: a bench must end. */
const SHORTEST_S = 1
const LONGEST_S = 30

/**
 * The jobs of a plan: they come by chance, as telephone calls do (exponential gaps), each of a program drawn with equal
 * chance. The same plan gives the same jobs for ever.
 */
export function jobsOf({ jobs, seed, gapS }: Plan): readonly PlannedJob[] {
  const draw = createRandom(seed)
  let arrivalS = 0
  return Array.from({ length: jobs }, (_, id) => {
    const program = PROGRAMS[index(draw, PROGRAMS.length)] as JobSize
    const length = program.seconds * Math.exp(SIGMA * normal(draw))
    const seconds = Math.round(10 * Math.min(LONGEST_S, Math.max(SHORTEST_S, length))) / 10
    const job = { id, arrivalS: Math.round(1000 * arrivalS) / 1000, size: { ...program, seconds } }
    arrivalS += exponential(draw, gapS)
    return job
  })
}
