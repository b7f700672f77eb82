import type { Experience, Knowledge, Learned } from '../../learning/knowledge.ts'
import type { Job } from '../scenario.ts'

/** So many runs that nothing believed before counts beside them. */
const MANY = 1e9

function sure(value: number): Learned {
  return { runs: MANY, median: value, high: value }
}

/** Knowledge for an oracle: of every command it knows exactly what the job in question will take. */
export class Truth implements Knowledge {
  #job: Job | undefined

  /** The job that is asked about from now on. */
  ask(job: Job): void {
    this.#job = job
  }

  experience(): Experience | undefined {
    const job = this.#job
    if (job === undefined) return undefined
    return {
      runs: MANY,
      threads: () => sure(job.threads),
      memory: () => sure(job.memoryBytes),
      lifeMs: () => (job.workS / job.threads) * 1000,
      oomRaise: 1,
    }
  }

  speedOf(_node: unknown, benchmark: number): number {
    return benchmark
  }
}
