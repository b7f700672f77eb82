import { type NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { RunRequest } from '../../protocol/admin.ts'
import type { Decision } from '../../protocol/decision.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import type { Output, OutputAsked } from '../../protocol/output.ts'
import type { ProcessRecord } from '../../protocol/process.ts'
import { type After, afterRealTime } from '../store/expiry-timer.ts'
import type { Store } from '../store/store.ts'
import { type EndSignal, overdue } from './deadlines.ts'
import { findProcess, newestFirst } from './find.ts'
import { ProcessLedger } from './ledger.ts'
import { createNodeNews, type NodeNews, type OnEnded } from './node-news.ts'
import type { PlaceInput, Placer, PlacingNode } from './placing.ts'
import { PROCESS_ID_BYTES, processIdFrom } from './process-id.ts'
import { Queue, type Wait } from './queue.ts'
import { isFinal } from './record.ts'
import type { SignTicket } from './ticket.ts'
import { type RunAnswer, tryPlace, writeOffIfGone } from './try-place.ts'

/** What {@link startProcesses} needs; `node`, `kill` and `output` are the cluster's. */
export type ProcessesOptions = {
  readonly store: Store
  readonly sign: SignTicket
  readonly placer: Placer
  node(id: NodeId): PlacingNode | undefined
  kill(nodeId: NodeId, processId: ProcessId, signal: string): Promise<void>
  output(nodeId: NodeId, processId: ProcessId, asked: OutputAsked): Promise<Output>
  readonly onEnded?: OnEnded
  readonly now: Now
  readonly random: (sizeBytes: number) => Uint8Array
  readonly log: Log
  readonly count: Count
  /** One-shot timers; the process' own unless a test owns time. */
  readonly after?: After
}

/** All processes of the cluster. `news` is what the cluster's nodes tell. */
export type Processes = {
  readonly news: NodeNews
  /**
   * Places a process and signs its ticket; record and decision are on disk before. Where only memory is missing it
   * waits for some, if `wait` is given; otherwise, and where waiting is in vain, it is refused with the reasons.
   * Rejects with GW_STORE, with GW_BAD_MESSAGE when it is to be started again for one that still runs, or with what
   * `wait.signal` was aborted with: then nothing is kept.
   */
  run(request: RunRequest, wait?: Wait): Promise<RunAnswer>
  /** A deputy tells that the agent did not start a process. */
  refused(id: ProcessId, code: string, message: string): Promise<void>
  /** Placed and running processes, or every one still remembered; latest first. */
  list(options: { readonly all: boolean }): Promise<readonly ProcessRecord[]>
  /** By id, unique beginning of it, or `last`. Rejects with GW_PROCESS_UNKNOWN. */
  get(id: string): Promise<ProcessRecord>
  /** Why it runs where it runs. Rejects with GW_PROCESS_UNKNOWN. */
  why(id: string): Promise<Decision>
  /** Rejects with GW_PROCESS_UNKNOWN, GW_PROCESS_ENDED or what the cluster's kill rejects with. */
  kill(id: string, signal: string): Promise<void>
  /** Its kept output. Rejects with GW_PROCESS_UNKNOWN, GW_NO_OUTPUT or what the cluster's rejects with. */
  output(id: string, asked: OutputAsked): Promise<Output>
  /** Ends the processes whose `--timeout` is over; to call each second or so. Never rejects. */
  endOverdue(): Promise<void>
}

/**
 * Opens the processes the store knows. Those whose node meanwhile was lost or restarted are written off now: a server
 * killed between the two writes has not done it. Rejects with GW_STORE.
 */
export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const { store, now, log, random } = options
  const ledger = await ProcessLedger.open(store, options.placer, log)
  const news = createNodeNews({ ...options, ledger })
  const queue = new Queue({
    after: afterRealTime,
    ...options,
    attempt: input => tryPlace(input, options, ledger),
  })
  options.placer.watch(() => queue.stir())
  for (const record of ledger.active()) await writeOffIfGone(record, options, ledger)

  const get = async (id: string): Promise<ProcessRecord> => {
    const exact = ProcessId.safeParse(id)
    const record = exact.success ? await ledger.get(exact.data) : undefined
    if (record !== undefined) return record
    const found = findProcess(await ledger.all(), id)
    if (found.kind === 'found') return found.record
    throw new GodwitError('GW_PROCESS_UNKNOWN', found.message)
  }

  let sent = new Map<ProcessId, EndSignal>()

  return {
    news,
    get,
    async run(request, wait) {
      const retried = request.retryOf === undefined ? undefined : await ledger.get(request.retryOf)
      const former = request.rerunOf === undefined ? undefined : await get(request.rerunOf)
      if (former !== undefined && !isFinal(former.state))
        throw new GodwitError('GW_BAD_MESSAGE', `${former.id} is not over: nothing is started a second time`)
      // No await from here until the ledger has the new record: two runs must not see the same free memory.
      const input: PlaceInput = {
        id: processIdFrom(random(PROCESS_ID_BYTES)),
        request,
        without: retried?.node ?? null,
        kept: null,
        atMs: now(),
        seed: new DataView(Uint8Array.from(random(4)).buffer).getUint32(0),
      }
      return queue.enter(input, wait)
    },
    async refused(id, code, message) {
      const step = await ledger.apply(id, { kind: 'refused', reason: `${message} (${code})` }, now())
      if (step === undefined) throw new GodwitError('GW_PROCESS_UNKNOWN', `there is no process "${id}"`)
    },
    async list({ all }) {
      return newestFirst(all ? await ledger.all() : ledger.active())
    },
    async why(id) {
      const { id: exact } = await get(id)
      const decision = await ledger.decision(exact)
      if (decision !== undefined) return decision
      throw new GodwitError('GW_PROCESS_UNKNOWN', `no decision is kept for ${exact}`)
    },
    async kill(id, signal) {
      const record = await get(id)
      if (isFinal(record.state))
        throw new GodwitError('GW_PROCESS_ENDED', `${record.id} is ${record.state} already`)
      await options.kill(record.node, record.id, signal)
    },
    async output(id, asked) {
      const record = await get(id)
      if (record.detached !== true)
        throw new GodwitError('GW_NO_OUTPUT', `${record.id} writes to whoever started it`)
      return options.output(record.node, record.id, asked)
    },
    async endOverdue() {
      const due = overdue(ledger.active(), sent, now())
      sent = new Map(due.sent)
      for (const { id, node, reason, signal } of due.orders) {
        log.info({ process: id, node, signal }, `${id} has had its time`)
        // The reason first: whoever hears of the end must find it.
        const told = ledger.apply(id, { kind: 'overdue', reason }, now())
        await told
          .then(() => options.kill(node, id, signal))
          .catch(error => {
            sent.delete(id) // tried again the next time
            log.warn(
              { process: id, node, error: String(error) },
              `${id} could not be told that its time is over`,
            )
          })
      }
    },
  }
}
