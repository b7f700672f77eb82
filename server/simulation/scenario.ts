/** One gibibyte, bytes. */
export const GIB = 2 ** 30

/** A computer of the simulated cluster. `speed` is that of one core against the reference machine's. */
export type Machine = {
  readonly name: string
  readonly cores: number
  readonly speed: number
  readonly memoryBytes: number
}

/**
 * One whole process. `workS` is what all its threads do together, in seconds of one reference core; `hintBytes` what
 * the command line says of its memory (think of `-Xmx`), `null` where it says nothing. `command` is what was
 * typed; runs of one program share it. `home` is the machine it was typed on, `null` for one that is no node.
 */
export type Job = {
  readonly id: number
  readonly arrivalS: number
  readonly workS: number
  readonly threads: number
  readonly memoryBytes: number
  readonly hintBytes: number | null
  readonly command: readonly string[]
  readonly home: number | null
}

/**
 * Machines and the jobs that come, in the order of their arrival. With `concurrency` the jobs come from one `make -j`:
 * at most so many are under way, the next comes when one ends, and `arrivalS` is the earliest moment.
 */
export type Scenario = {
  readonly machines: readonly Machine[]
  readonly jobs: readonly Job[]
  readonly concurrency?: number
}

/** How wide a job can become on a machine: no thread of it runs on two cores. */
export function widthOn(threads: number, machine: Machine): number {
  return Math.min(threads, machine.cores)
}

/**
 * Seconds the job takes alone on the machine that suits it best, of those whose memory it fits into; the denominator
 * of its slowdown. `null` when it fits nowhere.
 */
export function aloneS(job: Job, machines: readonly Machine[]): number | null {
  let rate = 0
  for (const machine of machines)
    if (job.memoryBytes <= machine.memoryBytes)
      rate = Math.max(rate, machine.speed * widthOn(job.threads, machine))
  return rate === 0 ? null : job.workS / rate
}

/** What all machines together do in a second, in seconds of one reference core. */
export function totalPower(machines: readonly Machine[]): number {
  return machines.reduce((sum, { cores, speed }) => sum + cores * speed, 0)
}
