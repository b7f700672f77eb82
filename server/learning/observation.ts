import type { NodeId } from '../../config/values/node-id.ts'
import type { Demand } from '../../protocol/decision.ts'
import type { NodeView } from '../../protocol/node.ts'
import type { ProcessRecord } from '../../protocol/process.ts'
import { capacityOf } from '../placement/capacity.ts'

/** One process that ended, as far as it teaches something. `null` where its end does not tell. */
export type Observation = {
  /** The key of its command; its executable and "everything" learn from it too. */
  readonly key: string
  readonly node: NodeId
  /** Processor seconds over wall seconds. */
  readonly threads: number | null
  readonly announcedThreads: number | null
  /** Highest memory; of a run killed for memory not less than it was promised, for that did not suffice. */
  readonly peakBytes: number | null
  readonly announcedBytes: number | null
  readonly lifeMs: number | null
  readonly cpuSeconds: number | null
  readonly oomKilled: boolean
  /** The node's width and benchmark speed; `null` where unknown. */
  readonly capacity: number | null
  readonly benchmark: number | null
}

/** What of the node an observation needs. */
export type ObservedNode = Pick<Observation, 'capacity' | 'benchmark'>

/** What is known of the node a process ended on; `undefined` when the node is not known any more. */
export function observedNode(view: Pick<NodeView, 'hardware' | 'speed'> | undefined): ObservedNode {
  const { hardware = null, speed = null } = view ?? {}
  const threads = hardware?.cpu.threads ?? null
  return {
    capacity: threads === null ? null : capacityOf(threads, speed),
    benchmark: speed?.single ?? null,
  }
}

/** A process that is shorter tells nothing of its threads: clocks and schedulers count in milliseconds. */
const MIN_LIFE_MS = 20
/** Processor time below which a node's speed cannot be told from chance. */
const MIN_CPU_SECONDS = 0.5

const NOTHING_SEEN = { threads: null, peakBytes: null, cpuSeconds: null, oomKilled: false } as const

/**
 * What an ended process teaches; `undefined` when nothing: it never ran, its end is not known, or its decision is of a
 * version that kept no key. A run that a signal cut short tells neither how long it would have lived nor how much it
 * had to compute.
 */
export function observationOf(
  { node, state, startedAtMs, endedAtMs, ending, usage, reservedBytes }: ProcessRecord,
  { key, announcedThreads, announcedBytes }: Pick<Demand, 'key' | 'announcedThreads' | 'announcedBytes'>,
  observed: ObservedNode,
): Observation | undefined {
  if (state !== 'ended' || startedAtMs === null || endedAtMs === null) return undefined
  if (ending === null || usage === null || key === '') return undefined
  const lifeMs = Math.max(0, endedAtMs - startedAtMs)
  const { exitStatus, oomKilled, signal } = ending
  // What ran where it was typed nobody of ours has seen to its end: only how long it lived is known.
  if (exitStatus === null && signal === null)
    return { ...NOTHING_SEEN, key, node, announcedThreads, announcedBytes, lifeMs, ...observed }
  const isWhole = signal === null && !oomKilled
  const widest = Math.max(1, usage.peakThreads)
  const threads = lifeMs < MIN_LIFE_MS ? null : Math.min(widest, (usage.cpuSeconds * 1000) / lifeMs)
  return {
    key,
    node,
    threads,
    announcedThreads,
    peakBytes: oomKilled ? Math.max(usage.peakMemoryBytes ?? 0, reservedBytes) : usage.peakMemoryBytes,
    announcedBytes,
    lifeMs: isWhole ? lifeMs : null,
    cpuSeconds: isWhole && usage.cpuSeconds >= MIN_CPU_SECONDS ? usage.cpuSeconds : null,
    oomKilled,
    ...observed,
  }
}
