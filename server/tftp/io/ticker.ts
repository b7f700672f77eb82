/** Time between two looks at the transfers: finer than the shortest retransmission, coarse enough to cost nothing. */
const TICK_MS = 10

/** One timer for all transfers, which runs only while there are any: setting one per packet would cost more than it. */
export class Ticker {
  readonly #tick: () => boolean
  #timer: NodeJS.Timeout | undefined

  /** `tick` is called every 10 ms once started, until it says false: nothing left to wait for. */
  constructor(tick: () => boolean) {
    this.#tick = tick
  }

  start(): void {
    // Answers that came while the process was held up are read first: they may be what a transfer waits for.
    this.#timer ??= setInterval(() => setImmediate(() => this.#run()), TICK_MS)
  }

  #run(): void {
    if (this.#timer !== undefined && !this.#tick()) this.stop()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
