import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { RunRequest } from '../../protocol/admin.ts'
import type { Candidate, Decision, Demand } from '../../protocol/decision.ts'
import type { RunningProcess } from '../../protocol/link.ts'
import type { NodeView } from '../../protocol/node.ts'
import type { ProcessRecord } from '../../protocol/process.ts'

/**
 * A node a process could go to. `kernelBootId` and `agentPort` are `null` until an agent joined; `present` while the
 * agent of that boot is here or expected back.
 */
export type PlacingNode = {
  readonly view: NodeView
  readonly kernelBootId: string | null
  readonly agentPort: number | null
  readonly present: boolean
  readonly connected: boolean
  readonly reportedAtMs: number | null
}

/** What is asked of placement. `without` is the node that refused the process this one retries. */
export type PlaceInput = {
  readonly id: ProcessId
  readonly request: RunRequest
  readonly without: NodeId | null
  /** A node kept for a process that waits longer. */
  readonly kept: NodeId | null
  readonly atMs: number
  readonly seed: number
}

/** The node that will first have the memory for a process, as far as that can be told. */
export type Prospect = { readonly node: NodeId; readonly memoryBytes: number }

/** Placement, as the ledger of processes keeps it true. Nothing here waits or throws. */
export type Placer = {
  /** Decides where a process runs, on all that was told before; `chosen` is `null` when no node can take it. */
  place(input: PlaceInput): Decision
  /** Where a process that found no place could go first, and what it lacks; `undefined`: waiting is in vain. */
  prospect(input: PlaceInput): Prospect | undefined
  /** Calls `changed` whenever a node or what is held there changed. */
  watch(changed: () => void): void
  /** The process holds its memory from now on. `demand` is what it was placed by, `null` after a restart. */
  hold(record: ProcessRecord, demand: Demand | null): void
  release(record: ProcessRecord, nowMs: number): void
  /** What a node's report says of the processes there. */
  report(node: NodeId, running: readonly RunningProcess[], nowMs: number): void
}

/** What becomes of a decision: the record to keep and the node to go to, or the reasons by node. */
export type Outcome =
  | {
      readonly kind: 'placed'
      readonly record: ProcessRecord
      readonly candidate: Candidate
      readonly bootId: string
      readonly address: Ipv4
      readonly port: number
    }
  | { readonly kind: 'no-place'; readonly message: string; readonly details: readonly string[] }

/** Turns a decision into the record of the new process. `node` is the chosen one, as the cluster knows it. */
export function outcomeOf(decision: Decision, input: PlaceInput, node: PlacingNode | undefined): Outcome {
  const candidate = decision.candidates.find(one => one.node === decision.chosen)
  if (candidate === undefined || node === undefined) return noPlace(decision, input)
  const { kernelBootId: bootId, agentPort: port } = node
  const { ip: address } = node.view
  if (bootId === null || port === null || address === null) return noPlace(decision, input)
  return { kind: 'placed', record: placedRecord(input, candidate, bootId), candidate, bootId, address, port }
}

/** One sentence for the person who asked: where, and against how many others. */
export function reasonOf({ candidates, filtered, omitted }: Decision, chosen: Candidate): string {
  const fit = candidates.length + (omitted?.candidates ?? 0)
  const others = fit === 1 ? 'the only node that fits' : `best of ${fit} nodes that fit`
  const unfit = filtered.length + (omitted?.filtered ?? 0)
  const left = unfit === 0 ? '' : `, ${unfit} left out`
  return `${chosen.name}: ${others}${left} (score ${chosen.score.toPrecision(3)})`
}

function noPlace({ filtered, candidates, omitted }: Decision, { request }: PlaceInput): Outcome {
  const program = request.command[0] ?? ''
  const nodes = filtered.length + candidates.length + (omitted?.filtered ?? 0) + (omitted?.candidates ?? 0)
  const message =
    nodes === 0
      ? `no node can take ${program}: no machine has booted yet`
      : `none of ${nodes} nodes can take ${program}`
  return {
    kind: 'no-place',
    message,
    details: filtered.map(({ name, reason, detail }) => `${name}: ${reason}: ${detail}`),
  }
}

function placedRecord(
  { id, request, atMs }: PlaceInput,
  candidate: Candidate,
  bootId: string,
): ProcessRecord {
  return {
    id,
    ...(request.name === undefined ? {} : { name: request.name }),
    command: request.command,
    node: candidate.node,
    nodeName: candidate.name,
    bootId,
    home: request.home,
    uid: request.uid,
    state: 'placed',
    placements: 1,
    reservedBytes: candidate.demand.memoryBytes,
    memoryMaxBytes: candidate.demand.memoryMaxBytes,
    reservedThreads: candidate.demand.threads,
    placedAtMs: atMs,
    startedAtMs: null,
    endedAtMs: null,
    pid: null,
    ending: null,
    usage: null,
    reason: null,
    retryOf: request.retryOf ?? null,
    ...(request.rerunOf === undefined ? {} : { rerunOf: request.rerunOf }),
    ...(request.detached === true ? { detached: true } : {}),
    ...(request.timeoutMs === undefined ? {} : { timeoutMs: request.timeoutMs }),
  }
}
