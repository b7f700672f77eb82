import { createRandom, index, logUniform, normal, type Random } from '../random.ts'
import { GIB, type Job, type Machine, type Scenario, totalPower } from '../scenario.ts'
import type { Arrivals } from './arrivals.ts'
import { javaCommand } from './java-command.ts'
import type { Size } from './workload.ts'

/** How unlike the runs of one program are: deviations of the logarithm of life and memory. */
export type Spread = { readonly life: number; readonly memory: number }

/** A program that is run again and again, and what a run of it takes about. */
type Program = {
  readonly threads: number
  readonly lifeS: number
  readonly memoryBytes: number
  readonly hintBytes: number | null
  readonly command: readonly string[]
}

const PROGRAMS = 40
const THREADS = [1, 1, 2, 4, 8, 16] as const
const MAX_LIFE_S = 3000
const MAX_MEMORY_BYTES = 14 * GIB
/** People leave some air in what they write after `-Xmx`. */
const HINT_FACTOR = 1.5

/** Sixteen machines as they stand about in a lab: four generations, and two fast ones with little memory. */
const LAB: readonly Omit<Machine, 'name'>[] = [
  ...repeat(4, { cores: 8, speed: 1, memoryBytes: 32 * GIB }),
  ...repeat(4, { cores: 16, speed: 1, memoryBytes: 64 * GIB }),
  ...repeat(4, { cores: 4, speed: 0.7, memoryBytes: 16 * GIB }),
  ...repeat(2, { cores: 32, speed: 0.9, memoryBytes: 128 * GIB }),
  ...repeat(2, { cores: 8, speed: 1.4, memoryBytes: 16 * GIB }),
]
/** In this order any number of machines is about as mixed as all sixteen. */
const ORDER = [0, 4, 8, 12, 14, 1, 5, 9, 2, 6, 10, 13, 15, 3, 7, 11] as const

function repeat<T>(count: number, one: T): readonly T[] {
  return Array.from({ length: count }, () => one)
}

/** So many machines of the laboratory. */
export function labMachines(count: number): readonly Machine[] {
  return Array.from({ length: count }, (_, at) => {
    const kind = LAB[ORDER[at % ORDER.length] ?? 0]
    if (kind === undefined) throw new RangeError('the order names a machine that is not there')
    return { name: `m${at}`, ...kind }
  })
}

function drawProgram(random: Random, rank: number): Program {
  const threads = THREADS[index(random, THREADS.length)] ?? 1
  const lifeS = logUniform(random, 0.5, 300)
  const memoryBytes = logUniform(random, 0.25, 10) * GIB
  const hintBytes = random() < 0.5 ? Math.round(HINT_FACTOR * memoryBytes) : null
  return { threads, lifeS, memoryBytes, hintBytes, command: javaCommand(`program-${rank}.jar`, hintBytes) }
}

/** Zipf's law: the second most popular program is run half as often as the first. */
function drawRank(random: Random): number {
  let left = random() * HARMONIC
  for (let rank = 0; rank < PROGRAMS; rank++) {
    left -= 1 / (rank + 1)
    if (left < 0) return rank
  }
  return PROGRAMS - 1
}

const HARMONIC = Array.from({ length: PROGRAMS }, (_, rank) => 1 / (rank + 1)).reduce((a, b) => a + b)

function drawJob(random: Random, id: number, programs: readonly Program[], spread: Spread): Job {
  const rank = drawRank(random)
  const program = programs[rank]
  if (program === undefined) throw new RangeError(`there is no program ${rank}`)
  const lifeS = Math.min(MAX_LIFE_S, program.lifeS * Math.exp(spread.life * normal(random)))
  const memoryBytes = program.memoryBytes * Math.exp(spread.memory * normal(random))
  return {
    id,
    arrivalS: 0,
    workS: lifeS * program.threads,
    threads: program.threads,
    memoryBytes: Math.round(Math.min(MAX_MEMORY_BYTES, memoryBytes)),
    hintBytes: program.hintBytes,
    command: program.command,
    home: null,
  }
}

/**
 * "J1": forty programs of Zipf popularity, lives from half a second to an hour, 1 to 16 threads, a quarter to 14 GiB,
 * on unequal machines. Jobs come at the rate at which their work is exactly `load` of the machines' power, so that a
 * seed with many long jobs is not a more loaded one.
 */
export function mixed(arrivals: Arrivals, spread: Spread): (size: Size) => Scenario {
  return ({ load, nodes, jobs: count, seed }) => {
    const random = createRandom(seed)
    const machines = labMachines(nodes)
    const programs = Array.from({ length: PROGRAMS }, (_, rank) => drawProgram(random, rank))
    const jobs = Array.from({ length: count }, (_, id) => drawJob(random, id, programs, spread))
    const workS = jobs.reduce((sum, job) => sum + job.workS, 0)
    const times = arrivals(random, count, workS / count / (load * totalPower(machines)))
    return { machines, jobs: jobs.map((job, at) => ({ ...job, arrivalS: times[at] ?? 0 })) }
  }
}
