import type { Job } from './scenario.ts'

/** What became of one job. `endS` is when it failed for a job that was killed too often. */
export type JobEnd = {
  readonly job: Job
  /** When it was asked for; later than `job.arrivalS` where jobs come one after another. */
  readonly askedS: number
  readonly endS: number
  readonly isDone: boolean
}

/** All that one simulation yields; `statistics/` makes figures of it. */
export type Outcome = {
  readonly ends: readonly JobEnd[]
  readonly oomKills: number
  /** Processor seconds of runs that were killed. */
  readonly wastedCpuS: number
  readonly longestQueue: number
  /** Of the jobs with a home that is a node, those that were placed there first. */
  readonly atHome: number
  readonly moves: number
}
