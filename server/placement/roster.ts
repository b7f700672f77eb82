import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import { type Knowledge, NOTHING_KNOWN } from '../learning/knowledge.ts'
import { Board } from './board.ts'
import { type NodeFacts, toNodeSnapshot } from './measure.ts'
import { heldBytes } from './reclaim.ts'
import { type NodeSnapshot, type PlacementRules, type Reservation, WHOLE_REPORTS } from './snapshot.ts'

/** What a process was given by a decision. */
export type Grant = {
  readonly process: ProcessId
  readonly node: NodeId
  readonly memoryBytes: number
  readonly threads: number
  readonly placedAtMs: number
  /** Median life of such processes; `null` where nothing is known. */
  readonly lifeMs: number | null
}

/** What a node's report says of one process; `usedBytes` is `null` where the kernel does not count. */
export type Use = { readonly process: ProcessId; readonly usedBytes: number | null }

/** A reservation, and what it began with. */
type Held = Reservation & { readonly grantedBytes: number; readonly placedAtMs: number }

/**
 * Keeps a board true from news alone: what nodes are and report, what decisions gave away, what ended. Grants may come
 * before their node is known, as they do when a server starts again.
 */
export class Roster {
  readonly #board: Board
  /** Nodes whose reservations changed since anybody looked, with the time of it: a busy node changes twice a run. */
  readonly #changed = new Map<NodeId, number>()
  readonly #held = new Map<NodeId, Map<ProcessId, Held>>()
  readonly #benchmarks = new Map<NodeId, number>()
  readonly #systemBytes = new Map<NodeId, number>()

  constructor(rules: PlacementRules, knowledge: Knowledge = NOTHING_KNOWN) {
    this.#board = new Board(rules, knowledge)
  }

  /** The board as it is now; it is true until the next news, then it has to be asked for again. */
  get board(): Board {
    for (const [id, nowMs] of this.#changed) this.#refresh(id, nowMs)
    this.#changed.clear()
    return this.#board
  }

  /** Takes in what is known of a node now. */
  put(facts: NodeFacts): void {
    const node = toNodeSnapshot(facts, this.#reservations(facts.id))
    this.#benchmarks.set(facts.id, node.speed)
    this.#learnSystem(node)
    this.#changed.delete(facts.id)
    this.#board.put({ ...node, speed: this.#speedOf(facts.id, facts.reportedAtMs ?? 0) })
  }

  /**
   * What a node itself uses: the least that was seen in use there beside our processes since it booted. Reports of node
   * and processes do not fit each other to the byte, so it may be taken for less than it is.
   */
  systemBytes(id: NodeId): number {
    return this.#systemBytes.get(id) ?? 0
  }

  /** Forgets a node, though not what is held there: it may come back with it. */
  remove(id: NodeId): void {
    this.#benchmarks.delete(id)
    this.#systemBytes.delete(id)
    this.#changed.delete(id)
    this.#board.remove(id)
  }

  /** Counts what a decision gave away, from this moment until {@link release}. */
  hold({ process, node, memoryBytes, threads, lifeMs, placedAtMs }: Grant): void {
    const held = this.#held.get(node) ?? new Map<ProcessId, Held>()
    if (held.size === 0) this.#held.set(node, held)
    const grantedBytes = memoryBytes
    held.set(process, {
      process,
      memoryBytes,
      threads,
      lifeMs,
      reports: 0,
      usedBytes: null,
      grantedBytes,
      placedAtMs,
    })
    this.#changed.set(node, placedAtMs)
  }

  /** The process has ended, or will never start. */
  release({ process, node }: Pick<Grant, 'process' | 'node'>, nowMs: number): void {
    const held = this.#held.get(node)
    if (held?.delete(process) !== true) return
    if (held.size === 0) this.#held.delete(node)
    this.#changed.set(node, nowMs)
  }

  /** A node's report names the processes that run there: they are no longer on their way. */
  report(node: NodeId, uses: readonly Use[], nowMs: number): void {
    const held = this.#held.get(node)
    if (held === undefined) return
    let isChanged = false
    for (const use of uses) {
      const before = held.get(use.process)
      if (before === undefined) continue
      const after = seen(before, use, nowMs)
      if (after === before) continue
      isChanged = true
      held.set(use.process, after)
    }
    if (isChanged) this.#changed.set(node, nowMs)
  }

  #learnSystem({ id, reportedAtMs, memoryUsedBytes, reservations }: NodeSnapshot): void {
    if (reportedAtMs === null) return void this.#systemBytes.delete(id)
    const ours = reservations.reduce((sum, { usedBytes }) => sum + (usedBytes ?? 0), 0)
    const rest = Math.max(0, memoryUsedBytes - ours)
    this.#systemBytes.set(id, Math.min(rest, this.#systemBytes.get(id) ?? rest))
  }

  #reservations(node: NodeId): readonly Reservation[] {
    const held = this.#held.get(node)
    return held === undefined ? [] : Array.from(held.values())
  }

  /** What is believed of its speed changes with what the node is given, too. */
  #speedOf(id: NodeId, nowMs: number): number {
    return this.#board.knowledge.speedOf(id, this.#benchmarks.get(id) ?? 1, nowMs)
  }

  #refresh(id: NodeId, nowMs: number): void {
    const node = this.#board.get(id)
    if (node === undefined) return
    this.#board.put(given(node, this.#speedOf(id, nowMs), this.#reservations(id)))
  }
}

/** The node with what is held there now. Spelled out: spreads here took a twelfth of every decision. */
function given(node: NodeSnapshot, speed: number, reservations: readonly Reservation[]): NodeSnapshot {
  return {
    id: node.id,
    name: node.name,
    state: node.state,
    draining: node.draining,
    image: node.image,
    speed,
    capacity: node.capacity,
    busyThreads: node.busyThreads,
    memoryTotalBytes: node.memoryTotalBytes,
    memoryUsedBytes: node.memoryUsedBytes,
    reportedAtMs: node.reportedAtMs,
    reservations,
  }
}

/** The same object when the report tells nothing new, as most do: thousands come each second. */
function seen(held: Held, { usedBytes }: Use, nowMs: number): Held {
  const { grantedBytes, placedAtMs, lifeMs } = held
  const promised = { memoryBytes: grantedBytes, ageMs: nowMs - placedAtMs, lifeMs }
  const memoryBytes = heldBytes(promised, usedBytes)
  const reports = Math.min(WHOLE_REPORTS, held.reports + 1)
  const isSame = held.memoryBytes === memoryBytes && held.usedBytes === usedBytes && held.reports === reports
  return isSame ? held : { ...held, memoryBytes, usedBytes, reports }
}
