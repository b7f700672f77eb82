import { ServerConfig } from '../../../config/server.ts'
import { Mac } from '../../../config/values/mac.ts'
import { type NodeId, ProcessId } from '../../../config/values/node-id.ts'
import type { RunningProcess } from '../../../protocol/link.ts'
import { NodeView } from '../../../protocol/node.ts'
import { ProcessRecord } from '../../../protocol/process.ts'
import { placerByScore, type ScorePlacer } from '../../../server/place-process.ts'
import type { NodeFacts } from '../../../server/placement/measure.ts'
import { outcomeOf, type PlaceInput, type PlacingNode } from '../../../server/processes/placing.ts'
import { type Machine, machine, reported } from './fleet.ts'
import { learnedBefore, runRequest } from './requests.ts'

/** Size of a cluster; each node's report of a second comes within `decisionsPerSecond` decisions. */
export type Size = { readonly nodes: number; readonly decisionsPerSecond: number }

/** A run as somebody asks for it, at whatever time. */
export type Asked = Omit<PlaceInput, 'atMs'>

/** Processes on a node, of which as many end as begin, and what each was given. */
const RESIDENTS = 8
const RESIDENT_BYTES = 200 << 20
const STARTED_AT_MS = 1_700_000_000_000

/**
 * A cluster without machines: the server's own placement, told what nodes and processes would tell it. Time is
 * emulated too, so that reports are as fresh as in life however long the host takes.
 */
export class EmulatedCluster {
  readonly #size: Size
  readonly #placer: ScorePlacer
  readonly #machines: readonly Machine[]
  readonly #nodes: readonly PlacingNode[]
  readonly #running = new Map<NodeId, Map<ProcessId, RunningProcess>>()
  /** Running processes in a ring: the next one takes the place of the oldest, which then ends. */
  readonly #ring: ProcessRecord[] = []
  #started = 0
  #ending: ProcessRecord | undefined
  #asked = 0
  /** What agents have not taken in yet. */
  readonly #news: { readonly begun: ProcessRecord; readonly over: ProcessRecord | undefined }[] = []
  #reports = 0
  #reportsDue = 0
  #nowMs = STARTED_AT_MS

  constructor(size: Size) {
    this.#size = size
    this.#machines = Array.from({ length: size.nodes }, (_, n) => machine(n))
    const all = this.#machines.map(one => reported(one, 0, STARTED_AT_MS))
    this.#placer = placerByScore(ServerConfig.parse({}), learnedBefore())
    this.#nodes = all.map(placingNode)
    for (const facts of all) this.#placer.nodeChanged(facts)
    for (let n = 0; n < size.nodes * RESIDENTS; n += 1) this.#start(resident(n, all[n % size.nodes]))
    this.act()
  }

  /** The next runs that people ask for. */
  ask(count: number): readonly Asked[] {
    const first = this.#asked
    this.#asked += count
    return Array.from({ length: count }, (_, at) => {
      const n = first + at
      return { id: processId(n), request: runRequest(n), without: null, kept: null, seed: n }
    })
  }

  /**
   * One run as the server makes it, without store and ticket: decides, tells why, makes the record and counts what was
   * given away. Returns whether there was a place.
   */
  run(asked: Asked): boolean {
    const { id, request, without, kept, seed } = asked
    const input = { id, request, without, kept, seed, atMs: this.#nowMs }
    const decision = this.#placer.place(input)
    const chosen = decision.chosen === null ? -1 : Number.parseInt(decision.chosen.slice(2), 16)
    const outcome = outcomeOf(decision, input, this.#nodes[chosen])
    if (outcome.kind === 'no-place') return false
    this.#start(outcome.record, outcome.candidate.demand)
    return true
  }

  /** What happens in the cluster until the next run: reports come, and a process ends. */
  live(): void {
    const { nodes, decisionsPerSecond } = this.#size
    this.#nowMs += 1000 / decisionsPerSecond
    this.#reportsDue += nodes / decisionsPerSecond
    for (; this.#reportsDue >= 1; this.#reportsDue -= 1) this.#report()
    if (this.#ending !== undefined) this.#placer.release(this.#ending, this.#nowMs)
    this.#ending = undefined
  }

  /** The agents begin and end what was decided since: their work, and none of the server's. */
  act(): void {
    for (const { begun, over } of this.#news.splice(0)) {
      const running = this.#running.get(begun.node) ?? new Map<ProcessId, RunningProcess>()
      this.#running.set(begun.node, running)
      running.set(begun.id, runningProcess(begun))
      if (over !== undefined) this.#running.get(over.node)?.delete(over.id)
    }
  }

  #start(record: ProcessRecord, demand: Parameters<ScorePlacer['hold']>[1] = null): void {
    this.#placer.hold(record, demand)
    const at = this.#started % (this.#size.nodes * RESIDENTS)
    this.#started += 1
    this.#ending = this.#ring[at]
    this.#ring[at] = record
    this.#news.push({ begun: record, over: this.#ending })
  }

  #report(): void {
    const one = this.#machines[this.#reports % this.#machines.length]
    if (one === undefined) return
    const facts = reported(one, this.#reports, this.#nowMs)
    this.#reports += 1
    this.#placer.nodeChanged(facts)
    this.#placer.report(facts.id, [...(this.#running.get(facts.id)?.values() ?? [])], this.#nowMs)
  }
}

function processId(n: number): ProcessId {
  return ProcessId.parse(`p-${n.toString().padStart(10, '0')}`)
}

/** A process that was there before; ids of the runs do not reach so far. */
function resident(n: number, node: NodeFacts | undefined): ProcessRecord {
  return ProcessRecord.parse({
    ...{
      id: processId(9_000_000_000 + n),
      command: ['java'],
      node: node?.id,
      nodeName: node?.name,
      bootId: 'boot',
    },
    ...{ home: 'office', uid: 1000, state: 'running', placements: 1, reservedBytes: RESIDENT_BYTES },
    ...{ reservedThreads: 2, placedAtMs: STARTED_AT_MS, startedAtMs: STARTED_AT_MS, endedAtMs: null, pid: 1 },
    ...{ ending: null, usage: null, reason: null, retryOf: null },
  })
}

function runningProcess({ id, reservedBytes, placedAtMs }: ProcessRecord): RunningProcess {
  const memoryBytes = Math.floor(reservedBytes * 0.7)
  const usage = { cpuSeconds: 1, memoryBytes, peakMemoryBytes: memoryBytes, threads: 4, peakThreads: 4 }
  return { id, pid: 1, startedAtMs: placedAtMs, usage }
}

function placingNode({ id, name, reportedAtMs }: NodeFacts): PlacingNode {
  const view = NodeView.parse({
    ...{ id, name, state: 'ready', reason: null, firmware: null, mac: Mac.parse('52:54:00:00:00:01') },
    ...{ ip: '10.0.0.1', image: null, boot: { startedAt: 0, readyAt: 1, firmware: null, stages: [] } },
    ...{ hardware: null, speed: null, load: null, home: null, processes: 0, lastSeenAt: 0 },
  })
  return { view, kernelBootId: 'boot', agentPort: 7444, present: true, connected: true, reportedAtMs }
}
