import { createRandom, index } from '../random.ts'
import { GIB, type Job, type Machine, type Scenario, totalPower } from '../scenario.ts'
import { poisson } from './arrivals.ts'
import type { Size } from './workload.ts'

const MIN_LIFE_S = 1
/** The longest life; a tail of 1/t has no mean without one. */
const MAX_LIFE_S = 10_000
const MEMORY_BYTES = GIB / 16
const COMMAND = ['simulate'] as const

function machine(at: number): Machine {
  return { name: `h${at}`, cores: 1, speed: 1, memoryBytes: 64 * GIB }
}

/**
 * The regime of Harchol-Balter and Downey (SIGMETRICS 1996), in which migration pays best: equal hosts of one
 * processor, processes of one thread, and lives of which the share that outlives t is 1/t. Each process is typed at a
 * host of its own. Memory plays no part.
 */
export function pareto({ load, nodes, jobs: count, seed }: Size): Scenario {
  const random = createRandom(seed)
  const machines = Array.from({ length: nodes }, (_, at) => machine(at))
  const jobs = Array.from({ length: count }, (_, id): Job => {
    const lifeS = MIN_LIFE_S / (1 - random() * (1 - MIN_LIFE_S / MAX_LIFE_S))
    return {
      id,
      arrivalS: 0,
      workS: lifeS,
      threads: 1,
      memoryBytes: MEMORY_BYTES,
      hintBytes: MEMORY_BYTES,
      command: COMMAND,
      home: index(random, nodes),
    }
  })
  const workS = jobs.reduce((sum, job) => sum + job.workS, 0)
  const times = poisson(random, count, workS / count / (load * totalPower(machines)))
  return { machines, jobs: jobs.map((job, at) => ({ ...job, arrivalS: times[at] ?? 0 })) }
}
