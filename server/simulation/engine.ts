import { Host } from './host.ts'
import type { JobEnd, Outcome } from './outcome.ts'
import type { Ending, Move, Policy } from './policy.ts'
import type { Run } from './run.ts'
import type { Job, Scenario } from './scenario.ts'

/** How the simulated cluster behaves. */
export type World = {
  /** How often nodes report, seconds; 0 for figures that are always fresh. */
  readonly reportEveryS: number
  /** What a start on another machine than home costs the process, seconds. */
  readonly remoteStartS: number
  readonly signal?: { readonly aborted: boolean }
}

/** A job that is killed this often has failed (the issue of a user who gives up). */
const MAX_ATTEMPTS = 4
/** So many waiting jobs are looked at when something ends: a small one may pass a large one. */
const SKIP_AHEAD = 16
/** Moves after one event; only to end a policy that would never be content. */
const MAX_RELOCATIONS = 16

type Asked = { readonly job: Job; readonly askedS: number; readonly attempt: number }
type Landing = Move & { readonly atS: number }

/** Plays the jobs of a scenario against a policy, event by event, until all have ended. */
export function simulate(scenario: Scenario, policy: Policy, world: World): Outcome {
  return new Simulation(scenario, policy, world).play()
}

class Simulation {
  readonly #scenario: Scenario
  readonly #policy: Policy
  readonly #world: World
  readonly #hosts: readonly Host[]
  readonly #cluster: { hosts: readonly Host[]; nowS: number }
  readonly #ends: JobEnd[] = []
  readonly #asked = new Map<Run, Asked>()
  readonly #waiting: Asked[] = []
  readonly #landings: Landing[] = []
  #nextJob = 0
  #underWay = 0
  #balanceS = Number.POSITIVE_INFINITY
  #oomKills = 0
  #wastedCpuS = 0
  #longestQueue = 0
  #atHome = 0
  #moves = 0

  constructor(scenario: Scenario, policy: Policy, world: World) {
    this.#scenario = scenario
    this.#policy = policy
    this.#world = world
    const { machines } = scenario
    this.#hosts = machines.map(
      (machine, at) => new Host(machine, world.reportEveryS, (world.reportEveryS * at) / machines.length),
    )
    this.#cluster = { hosts: this.#hosts, nowS: 0 }
    this.#balanceS = policy.migration?.everyS ?? Number.POSITIVE_INFINITY
  }

  play(): Outcome {
    while (this.#step() && !this.#world.signal?.aborted);
    // What waits now would wait for ever: nothing runs any more that could make room.
    for (const asked of this.#waiting) this.#finish(asked, false)
    return {
      ends: this.#ends,
      oomKills: this.#oomKills,
      wastedCpuS: this.#wastedCpuS,
      longestQueue: this.#longestQueue,
      atHome: this.#atHome,
      moves: this.#moves,
    }
  }

  /** Handles the next event; false when there is none. */
  #step(): boolean {
    const arrivalS = this.#nextArrivalS()
    const ending = this.#nextToEnd()
    const endS = ending?.nextEndS ?? Number.POSITIVE_INFINITY
    const landingS = this.#landings[0]?.atS ?? Number.POSITIVE_INFINITY
    const nextS = Math.min(arrivalS, endS, landingS)
    if (nextS === Number.POSITIVE_INFINITY) return this.#admitWaiting()
    if (this.#balanceS < nextS) this.#balance()
    else if (endS === nextS && ending !== undefined) this.#end(ending)
    else if (landingS === nextS) this.#land()
    else this.#arrive(arrivalS)
    return true
  }

  #nextArrivalS(): number {
    const { jobs, concurrency } = this.#scenario
    if (concurrency !== undefined && this.#underWay >= concurrency) return Number.POSITIVE_INFINITY
    const job = jobs[this.#nextJob]
    return job === undefined ? Number.POSITIVE_INFINITY : Math.max(job.arrivalS, this.#cluster.nowS)
  }

  #nextToEnd(): Host | undefined {
    let first: Host | undefined
    for (const host of this.#hosts)
      if (host.nextEndS < (first?.nextEndS ?? Number.POSITIVE_INFINITY)) first = host
    return first
  }

  #arrive(atS: number): void {
    const job = this.#scenario.jobs[this.#nextJob++]
    if (job === undefined) return
    this.#cluster.nowS = atS
    this.#underWay++
    this.#ask({ job, askedS: atS, attempt: 1 })
  }

  #ask(asked: Asked): void {
    if (this.#place(asked)) return
    this.#waiting.push(asked)
    this.#longestQueue = Math.max(this.#longestQueue, this.#waiting.length)
  }

  #place(asked: Asked): boolean {
    const { job, attempt } = asked
    const choice = this.#policy.choose(job, attempt, this.#cluster)
    if (choice === null) return false
    const isRemote = job.home !== null && job.home !== choice.host
    if (job.home === choice.host && attempt === 1) this.#atHome++
    const host = this.#host(choice.host)
    const startS = isRemote ? this.#world.remoteStartS * host.machine.speed : 0
    const run: Run = {
      job,
      attempt,
      pledge: choice.pledge,
      placedS: this.#cluster.nowS,
      host: choice.host,
      width: 0,
      leftS: job.workS + startS * Math.min(job.threads, host.machine.cores),
      endsAt: 0,
      heapIndex: -1,
      usedCpuS: 0,
    }
    this.#asked.set(run, asked)
    this.#start(run)
    return true
  }

  #start(run: Run): void {
    const host = this.#host(run.host)
    host.add(run, this.#cluster.nowS)
    const victims: Run[] = []
    while (host.memoryBytes > host.machine.memoryBytes) victims.push(this.#stop(largest(host.runs)))
    for (const victim of victims) this.#kill(victim)
    this.#relocate(run.host)
  }

  #stop(run: Run): Run {
    this.#host(run.host).remove(run, this.#cluster.nowS)
    return run
  }

  #kill(run: Run): void {
    this.#oomKills++
    this.#wastedCpuS += run.usedCpuS
    const asked = this.#forget(run, 'killed')
    if (asked.attempt === MAX_ATTEMPTS) this.#finish(asked, false)
    else this.#ask({ ...asked, attempt: asked.attempt + 1 })
  }

  #end(host: Host): void {
    this.#cluster.nowS = host.nextEndS
    const run = host.firstToEnd()
    if (run === undefined) return
    this.#stop(run)
    this.#finish(this.#forget(run, 'done'), true)
    this.#admitWaiting()
    this.#relocate(run.host)
  }

  #forget(run: Run, ending: Ending): Asked {
    const asked = this.#asked.get(run)
    if (asked === undefined) throw new Error(`run of job ${run.job.id} ended twice`)
    this.#asked.delete(run)
    this.#policy.ended?.(run, ending, this.#cluster.nowS)
    return asked
  }

  #finish({ job, askedS }: Asked, isDone: boolean): void {
    this.#underWay--
    this.#ends.push({ job, askedS, endS: this.#cluster.nowS, isDone })
  }

  /** Whether one that waited could start. */
  #admitWaiting(): boolean {
    const before = this.#waiting.length
    for (const asked of this.#waiting.slice(0, SKIP_AHEAD + 1))
      if (this.#place(asked)) this.#waiting.splice(this.#waiting.indexOf(asked), 1)
    return this.#waiting.length < before
  }

  #relocate(changed: number): void {
    for (let moved = 0; moved < MAX_RELOCATIONS; moved++) {
      const move = this.#policy.relocate?.(this.#cluster, changed)
      if (move === undefined) return
      this.#moves++
      this.#stop(move.run)
      move.run.host = move.to
      this.#host(move.to).add(move.run, this.#cluster.nowS)
    }
  }

  #balance(): void {
    const { migration } = this.#policy
    if (migration === undefined) return
    this.#cluster.nowS = this.#balanceS
    this.#balanceS += migration.everyS
    for (const { run, to } of migration.plan(this.#cluster)) {
      this.#moves++
      this.#stop(run)
      const atS = this.#cluster.nowS + run.job.memoryBytes / migration.bytesPerS
      this.#landings.push({ run, to, atS })
    }
    this.#landings.sort((a, b) => a.atS - b.atS)
  }

  #land(): void {
    const landing = this.#landings.shift()
    if (landing === undefined) return
    this.#cluster.nowS = landing.atS
    landing.run.host = landing.to
    this.#start(landing.run)
  }

  #host(at: number): Host {
    const host = this.#hosts[at]
    if (host === undefined) throw new RangeError(`there is no host ${at}`)
    return host
  }
}

function largest(runs: readonly Run[]): Run {
  return runs.reduce((most, run) => (run.job.memoryBytes > most.job.memoryBytes ? run : most))
}
