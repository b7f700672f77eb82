import type { ProcessId } from '../../config/values/node-id.ts'
import { Decision, type Demand } from '../../protocol/decision.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { Log } from '../../protocol/log.ts'
import { ProcessRecord, type Usage } from '../../protocol/process.ts'
import type { Haste, Store, StoreWrite } from '../store/store.ts'
import { type Collection, collection } from '../store/typed.ts'
import type { Placer } from './placing.ts'
import { isFinal, type ProcessNews, type ProcessStep, stepProcess } from './record.ts'

/** A finished process and its decision are kept this long. */
const KEPT_MS = 30 * 86_400_000

/** Who is told, at once, when a process begins and ceases to hold memory. */
export type Holds = Pick<Placer, 'hold' | 'release'>

/**
 * The records of all processes: on disk all of them, in memory those that are placed or running, with the usage of the
 * last report. Changes are written under the version they were made from, so news may arrive in any order and at once.
 */
export class ProcessLedger {
  readonly #store: Store
  readonly #holds: Holds
  readonly #processes: Collection<ProcessRecord>
  readonly #decisions: Collection<Decision>
  readonly #active = new Map<ProcessId, ProcessRecord>()
  /** Of those, what the disk has, and the decisions, where they were made since the start: not to be read again. */
  readonly #stored = new Map<ProcessId, { readonly value: ProcessRecord; readonly version: number }>()
  readonly #decided = new Map<ProcessId, Decision>()

  private constructor(store: Store, holds: Holds) {
    this.#store = store
    this.#holds = holds
    this.#processes = collection(store, 'process/', ProcessRecord)
    this.#decisions = collection(store, 'decision/', Decision)
  }

  /** Reads what was placed or running when the server stopped. */
  static async open(store: Store, holds: Holds, log: Log): Promise<ProcessLedger> {
    const ledger = new ProcessLedger(store, holds)
    const { found, broken } = await ledger.#processes.list()
    for (const { key, problem } of broken)
      log.error({ key, problem }, 'a process record does not fit its schema and is left out')
    for (const { value } of found) if (!isFinal(value.state)) ledger.#activate(value, null)
    return ledger
  }

  /** Placed and running processes. */
  active(): readonly ProcessRecord[] {
    return [...this.#active.values()]
  }

  /** The process if it is placed or running, without asking the disk. */
  activeOne(id: ProcessId): ProcessRecord | undefined {
    return this.#active.get(id)
  }

  async all(): Promise<readonly ProcessRecord[]> {
    const { found } = await this.#processes.list()
    return found.map(({ value }) => this.#active.get(value.id) ?? value)
  }

  async get(id: ProcessId): Promise<ProcessRecord | undefined> {
    return this.#active.get(id) ?? (await this.#read(this.#processes, id))?.value
  }

  async decision(id: ProcessId): Promise<Decision | undefined> {
    return this.#decided.get(id) ?? (await this.#read(this.#decisions, id))?.value
  }

  /**
   * Keeps a new process and its decision, both or none. Its memory counts from the call on, so that two placements at
   * once cannot promise it twice; it is on disk when this resolves. Rejects with GW_STORE, and then nothing is kept.
   */
  async create(record: ProcessRecord, decision: Decision): Promise<void> {
    const demand = decision.candidates.find(({ node }) => node === record.node)?.demand ?? null
    this.#activate(record, demand)
    this.#decided.set(record.id, decision)
    try {
      const outcome = await this.#store.transact(
        [{ key: this.#processes.key(record.id), version: 0 }],
        [this.#processes.putting(record.id, record), this.#decisions.putting(record.id, decision)],
      )
      if (outcome.kind === 'conflict') throw new GodwitError('GW_STORE', `${record.id} was given out before`)
      this.#stored.set(record.id, { value: record, version: 1 })
    } catch (cause) {
      this.#retire(record, record.placedAtMs)
      throw cause
    }
  }

  /**
   * Applies news to a process; on disk when this resolves, which may be `soon`. `undefined` when there is no such
   * process.
   */
  async apply(
    id: ProcessId,
    news: ProcessNews,
    nowMs: number,
    haste: Haste = 'now',
  ): Promise<ProcessStep | undefined> {
    for (;;) {
      const found = this.#stored.get(id) ?? (await this.#read(this.#processes, id))
      if (found === undefined) return undefined
      const step = stepProcess(found.value, news)
      if (step.kind !== 'changed') return step
      const condition = { key: this.#processes.key(id), version: found.version }
      const outcome = await this.#store.transact(
        [condition],
        await this.#writes(found.value, step.record, nowMs),
        haste,
      )
      if (outcome.kind === 'conflict') {
        this.#stored.delete(id) // other news of it came first: judge again, by what the disk has
        continue
      }
      if (isFinal(step.record.state)) this.#retire(step.record, nowMs)
      else {
        this.#activate(step.record, null)
        this.#stored.set(id, { value: step.record, version: found.version + 1 })
      }
      return step
    }
  }

  /** Takes the usage of a report; in memory only. */
  noteUsage(id: ProcessId, usage: Usage): void {
    const record = this.#active.get(id)
    if (record !== undefined) this.#active.set(id, { ...record, usage })
  }

  #activate(record: ProcessRecord, demand: Demand | null): void {
    const isNew = !this.#active.has(record.id)
    this.#active.set(record.id, record)
    if (isNew) this.#holds.hold(record, demand)
  }

  #retire(record: ProcessRecord, nowMs: number): void {
    this.#stored.delete(record.id)
    this.#decided.delete(record.id)
    if (this.#active.delete(record.id)) this.#holds.release(record, nowMs)
  }

  async #writes(before: ProcessRecord, after: ProcessRecord, nowMs: number): Promise<readonly StoreWrite[]> {
    const expiresAtMs = isFinal(after.state) ? nowMs + KEPT_MS : undefined
    const put = this.#processes.rewriting(after.id, after, expiresAtMs)
    const decision =
      isFinal(before.state) === isFinal(after.state) ? undefined : await this.decision(after.id)
    return decision === undefined ? [put] : [put, this.#decisions.rewriting(after.id, decision, expiresAtMs)]
  }

  async #read<T>(records: Collection<T>, id: ProcessId): Promise<{ value: T; version: number } | undefined> {
    const found = await records.get(id)
    if (found?.kind !== 'broken') return found
    throw new GodwitError('GW_STORE', `${found.key} does not fit its schema: ${found.problem}`)
  }
}
