import { type History, MEMORY_QUANTILE, oomRaise, type Run, runWeight, THREADS_QUANTILE } from './history.ts'
import type { Experience, Learned } from './knowledge.ts'
import { Sample } from './sample.ts'

/** Where a run keeps a figure, what its command had announced of it, and the quantile to be prepared for. */
type Figure =
  | { readonly measured: 'threads'; readonly announced: 'announcedThreads'; readonly share: number }
  | { readonly measured: 'bytes'; readonly announced: 'announcedBytes'; readonly share: number }

const THREADS: Figure = { measured: 'threads', announced: 'announcedThreads', share: THREADS_QUANTILE }
const BYTES: Figure = { measured: 'bytes', announced: 'announcedBytes', share: MEMORY_QUANTILE }

/** One for all readings, each of which is done before the next begins: a decision must not make garbage. */
const sample = new Sample()

/** Of runs that announced nothing the figure itself, of those that did its ratio to what they announced. */
function learned(window: readonly Run[], isAnnounced: boolean, figure: Figure): Learned {
  sample.clear()
  for (const run of window) {
    const measured = run[figure.measured]
    const announced = run[figure.announced]
    if (measured === null || (announced !== null) !== isAnnounced) continue
    sample.add(announced === null ? measured : measured / announced, runWeight(run))
  }
  return { runs: sample.size, median: sample.quantile(0.5) ?? 0, high: sample.quantile(figure.share) ?? 0 }
}

/** One figure of a window, read when it is asked for and then remembered. */
class Reading {
  readonly #window: readonly Run[]
  readonly #figure: Figure
  #plain: Learned | undefined
  #ratio: Learned | undefined

  constructor(window: readonly Run[], figure: Figure) {
    this.#window = window
    this.#figure = figure
  }

  of(announced: number | null): Learned | undefined {
    if (announced === null) {
      this.#plain ??= learned(this.#window, false, this.#figure)
      return this.#plain.runs === 0 ? undefined : this.#plain
    }
    this.#ratio ??= learned(this.#window, true, this.#figure)
    const { runs, median, high } = this.#ratio
    return runs === 0 ? undefined : { runs, median: median * announced, high: high * announced }
  }
}

/** Median wall-clock life of the runs that came to their own end, milliseconds. */
function medianLifeMs(window: readonly Run[]): number | null {
  sample.clear()
  for (const { lifeMs } of window) if (lifeMs !== null) sample.add(lifeMs, 1)
  return sample.quantile(0.5) ?? null
}

/** What a history says; figures are worked out when they are asked for, once. */
export class HistoryExperience implements Experience {
  readonly runs: number
  readonly oomRaise: number
  readonly #window: readonly Run[]
  readonly #threads: Reading
  readonly #bytes: Reading
  #lifeMs: number | null | undefined

  constructor(history: History, nowMs: number) {
    this.runs = history.runs
    this.oomRaise = oomRaise(history, nowMs)
    this.#window = history.window
    this.#threads = new Reading(history.window, THREADS)
    this.#bytes = new Reading(history.window, BYTES)
  }

  threads(announced: number | null): Learned | undefined {
    return this.#threads.of(announced)
  }

  memory(announcedBytes: number | null): Learned | undefined {
    return this.#bytes.of(announcedBytes)
  }

  lifeMs(): number | null {
    if (this.#lifeMs === undefined) this.#lifeMs = medianLifeMs(this.#window)
    return this.#lifeMs
  }
}
