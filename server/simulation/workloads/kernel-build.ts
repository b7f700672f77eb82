import { createRandom, logUniform } from '../random.ts'
import { GIB, type Job, type Scenario } from '../scenario.ts'
import { labMachines } from './mixed.ts'
import type { Size } from './workload.ts'

/** `make -j`: so many compilers at once, whatever the load asked for; a build has no arrival rate. */
const CONCURRENCY = 64
const MIN_LIFE_S = 0.2
const MAX_LIFE_S = 3
const MIN_MEMORY_GIB = 0.05
const MAX_MEMORY_GIB = 0.4
const COMMAND = ['cc', '-c'] as const

/** Compilers of one thread, a fifth of a second to three seconds each, all typed at one machine. */
export function kernelBuild({ nodes, jobs: count, seed }: Size): Scenario {
  const random = createRandom(seed)
  const jobs = Array.from(
    { length: count },
    (_, id): Job => ({
      id,
      arrivalS: 0,
      workS: logUniform(random, MIN_LIFE_S, MAX_LIFE_S),
      threads: 1,
      memoryBytes: Math.round(logUniform(random, MIN_MEMORY_GIB, MAX_MEMORY_GIB) * GIB),
      hintBytes: null,
      command: COMMAND,
      home: 0,
    }),
  )
  return { machines: labMachines(nodes), jobs, concurrency: CONCURRENCY }
}
