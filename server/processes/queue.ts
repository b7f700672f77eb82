import { formatBytes } from '../../config/values/bytes.ts'
import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { RunWaiting } from '../../protocol/admin.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import { gaveUp, joined, keptFor, type Line, positionOf, served } from '../placement/queue/line.ts'
import type { After } from '../store/expiry-timer.ts'
import type { PlaceInput, Placer, PlacingNode } from './placing.ts'
import type { Attempt, RunAnswer, RunRefusal } from './try-place.ts'

/** How one waits: is told where it stands, and leaves when `signal` is aborted. */
export type Wait = {
  onWaiting(where: RunWaiting['waiting']): void
  readonly signal: AbortSignal
}

/** What {@link Queue} needs. `attempt` must count what it gives away before it returns. */
export type QueueOptions = {
  readonly attempt: (input: PlaceInput) => Attempt
  readonly placer: Pick<Placer, 'prospect'>
  node(id: NodeId): PlacingNode | undefined
  readonly after: After
  readonly now: Now
  readonly log: Log
  readonly count: Count
}

/** Silence before one who waits is told so: most waits are over by then. */
const TELL_AFTER_MS = 200
/** Changes of nodes within this time are looked at together. */
const STIR_MS = 20

type Waiter = {
  readonly input: PlaceInput
  readonly wait: Wait
  readonly sinceMs: number
  readonly resolve: (answer: Promise<RunAnswer> | RunAnswer) => void
  readonly memoryBytes: number
  mayTell: boolean
  toldPosition: number
}

/** Runs that wait for memory. Who comes and finds room goes before them, but not too often: see `queue/line.ts`. */
export class Queue {
  readonly #options: QueueOptions
  #line: Line = []
  readonly #waiters = new Map<ProcessId, Waiter>()
  #kept: { readonly for: ProcessId; readonly node: NodeId } | undefined
  #isStirring = false

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Places at once where it can, else waits if it may and if that is not in vain. */
  enter(input: PlaceInput, wait: Wait | undefined): Promise<RunAnswer> {
    const attempt = this.#options.attempt({ ...input, kept: this.#keptFrom(input.id) })
    if (attempt.kind === 'placing') {
      this.#served(input.id)
      return attempt.answer
    }
    const prospect =
      wait === undefined ? undefined : this.#options.placer.prospect({ ...input, without: null })
    if (wait === undefined || prospect === undefined) return Promise.resolve(this.#refused(attempt.answer))
    if (wait.signal.aborted) return Promise.reject(wait.signal.reason)
    return this.#wait(input, wait, prospect.memoryBytes)
  }

  /** To be called when there may be room: soon, all who wait are looked at again. */
  stir(): void {
    if (this.#line.length === 0 || this.#isStirring) return
    this.#isStirring = true
    this.#options.after(STIR_MS, () => {
      this.#isStirring = false
      this.#tryAll()
    })
  }

  #wait(input: PlaceInput, wait: Wait, memoryBytes: number): Promise<RunAnswer> {
    const { after, count, log } = this.#options
    const sinceMs = Math.min(input.atMs, input.request.waitingSinceMs ?? input.atMs)
    this.#line = joined(this.#line, input.id, sinceMs)
    count('processes', 'waited for memory')
    log.info({ process: input.id, memoryBytes }, `${input.id} waits for ${formatBytes(memoryBytes)}`)
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        this.#line = gaveUp(this.#line, input.id)
        leave()
        reject(wait.signal.reason)
        this.#keep()
        this.stir()
        this.#tellAll()
      }
      const leave = () => {
        wait.signal.removeEventListener('abort', onAbort)
        cancelTell()
        this.#waiters.delete(input.id)
      }
      const waiter: Waiter = {
        ...{ input, wait, sinceMs, memoryBytes, mayTell: false, toldPosition: 0 },
        resolve(answer) {
          leave()
          resolve(answer)
        },
      }
      const cancelTell = after(TELL_AFTER_MS, () => {
        waiter.mayTell = true
        this.#tell(waiter)
      })
      wait.signal.addEventListener('abort', onAbort)
      this.#waiters.set(input.id, waiter)
    })
  }

  #tryAll(): void {
    for (const { id } of this.#line) {
      const waiter = this.#waiters.get(id)
      if (waiter !== undefined) this.#tryOne(waiter)
    }
    this.#keep()
    this.#tellAll()
  }

  #tryOne(waiter: Waiter): void {
    const { id } = waiter.input
    const input = { ...waiter.input, ...this.#again(waiter.input), kept: this.#keptFrom(id) }
    const attempt = this.#options.attempt(input)
    if (attempt.kind === 'placing') {
      this.#served(id)
      waiter.resolve(attempt.answer)
    } else if (this.#options.placer.prospect({ ...input, without: null }) === undefined) {
      this.#line = gaveUp(this.#line, id)
      waiter.resolve(this.#refused(attempt.answer))
    }
  }

  /** A node that refused is asked again once it has reported since: it refused for what placement did not know. */
  #again({ without, atMs }: PlaceInput): Pick<PlaceInput, 'without' | 'atMs'> {
    const reportedAtMs = (without === null ? null : this.#options.node(without)?.reportedAtMs) ?? 0
    return { without: reportedAtMs > atMs ? null : without, atMs: this.#options.now() }
  }

  #served(id: ProcessId): void {
    this.#line = served(this.#line, id)
    this.#keep()
  }

  /** Keeps a node for the first in the line when it was passed often enough, as long as it can go there. */
  #keep(): void {
    const first = keptFor(this.#line)
    const waiter = first === undefined ? undefined : this.#waiters.get(first.id)
    if (first === undefined || waiter === undefined) this.#kept = undefined
    else if (this.#kept?.for !== first.id || !this.#works(this.#kept.node)) {
      const prospect = this.#options.placer.prospect({ ...waiter.input, ...this.#again(waiter.input) })
      this.#kept = prospect === undefined ? undefined : { for: first.id, node: prospect.node }
    }
  }

  #works(id: NodeId): boolean {
    const view = this.#options.node(id)?.view
    return view?.state === 'ready' && !view.draining
  }

  #keptFrom(id: ProcessId): NodeId | null {
    return this.#kept === undefined || this.#kept.for === id ? null : this.#kept.node
  }

  #refused(refusal: RunRefusal): RunRefusal {
    this.#options.count('processes', 'refused: no place')
    return refusal
  }

  #tellAll(): void {
    for (const waiter of this.#waiters.values()) this.#tell(waiter)
  }

  #tell(waiter: Waiter): void {
    const { input, wait, memoryBytes, sinceMs, mayTell, toldPosition } = waiter
    const position = positionOf(this.#line, input.id)
    if (!mayTell || position === toldPosition) return
    waiter.toldPosition = position
    const where = input.request.on ?? 'any node'
    const message = `waiting for ${formatBytes(memoryBytes)} on ${where} (position ${position}), ^C cancels`
    wait.onWaiting({ message, position, memoryBytes, sinceMs })
  }
}
