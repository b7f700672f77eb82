import type { Run } from './run.ts'
import { RunHeap } from './run-heap.ts'
import { type Machine, widthOn } from './scenario.ts'

/** What a node told of itself at one moment. */
export type Report = {
  readonly atS: number
  /** Threads that want to run; more than there are cores on a crowded node. */
  readonly busyThreads: number
  readonly jobs: number
  readonly memoryBytes: number
}

/**
 * One machine under processor sharing: each run gets its width in cores, and where that is more than there are, all
 * shrink by the same factor, the share. So one virtual clock serves all of them: it advances by share × time, and a run
 * ends when the clock has advanced by the time it takes alone. A start or an end costs O(log n), whoever else is there.
 */
export class Host {
  readonly machine: Machine
  readonly #runs = new RunHeap()
  readonly #reportEveryS: number
  readonly #phaseS: number
  #nowS = 0
  #virtualS = 0
  #busyThreads = 0
  #memoryBytes = 0
  #share = 1
  #changes = 0
  #report: Report = { atS: 0, busyThreads: 0, jobs: 0, memoryBytes: 0 }
  /** When its next run ends, seconds; infinite when idle. */
  nextEndS = Number.POSITIVE_INFINITY

  /** `reportEveryS` 0 is a node whose figures are always fresh; `phaseS` keeps nodes from reporting all at once. */
  constructor(machine: Machine, reportEveryS: number, phaseS: number) {
    this.machine = machine
    this.#reportEveryS = reportEveryS
    this.#phaseS = phaseS
  }

  get runs(): readonly Run[] {
    return this.#runs.all
  }

  /** When a run last came or went, seconds. */
  get changedS(): number {
    return this.#nowS
  }

  /** How often that happened. */
  get changes(): number {
    return this.#changes
  }

  /** Memory really in use, bytes. */
  get memoryBytes(): number {
    return this.#memoryBytes
  }

  /** Threads that want to run now. */
  get busyThreads(): number {
    return this.#busyThreads
  }

  /** The run that ends at {@link nextEndS}. */
  firstToEnd(): Run | undefined {
    return this.#runs.first()
  }

  add(run: Run, nowS: number): void {
    this.#advance(nowS)
    run.width = widthOn(run.job.threads, this.machine)
    run.endsAt = this.#virtualS + run.leftS / (this.machine.speed * run.width)
    this.#busyThreads += run.width
    this.#memoryBytes += run.job.memoryBytes
    this.#runs.add(run)
    this.#changed()
  }

  /** Takes a run away, ended or not; `leftS` and `usedCpuS` tell afterwards how far it came. */
  remove(run: Run, nowS: number): void {
    this.#advance(nowS)
    const leftS = Math.max(0, run.endsAt - this.#virtualS) * this.machine.speed * run.width
    run.usedCpuS += (run.leftS - leftS) / this.machine.speed
    run.leftS = leftS
    this.#busyThreads -= run.width
    this.#memoryBytes -= run.job.memoryBytes
    this.#runs.remove(run)
    this.#changed()
  }

  /** The last report sent by then: the state as it was at the last multiple of the interval. */
  report(nowS: number): Report {
    const atS = this.lastReportS(nowS)
    return atS < this.#nowS ? this.#report : this.#state(atS)
  }

  /** When the last report by then was sent, seconds. */
  lastReportS(nowS: number): number {
    if (this.#reportEveryS === 0) return nowS
    const past = Math.floor((nowS - this.#phaseS) / this.#reportEveryS)
    return past < 0 ? 0 : this.#phaseS + past * this.#reportEveryS
  }

  #state(atS: number): Report {
    return {
      atS,
      busyThreads: this.#busyThreads,
      jobs: this.runs.length,
      memoryBytes: this.#memoryBytes,
    }
  }

  /** Nothing changed since the last call, so a report that fell due meanwhile tells what was true all the time. */
  #advance(nowS: number): void {
    const dueS = this.lastReportS(nowS)
    if (dueS >= this.#nowS && dueS > this.#report.atS) this.#report = this.#state(dueS)
    this.#virtualS += (nowS - this.#nowS) * this.#share
    this.#nowS = nowS
  }

  #changed(): void {
    this.#changes++
    this.#share = Math.min(1, this.machine.cores / Math.max(this.#busyThreads, Number.MIN_VALUE))
    const first = this.#runs.first()
    this.nextEndS =
      first === undefined
        ? Number.POSITIVE_INFINITY
        : this.#nowS + Math.max(0, first.endsAt - this.#virtualS) / this.#share
  }
}
