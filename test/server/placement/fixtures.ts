import { ImageDigest, NodeId, ProcessId } from '../../../config/values/node-id.ts'
import type { PlaceRequest } from '../../../server/placement/request.ts'
import type {
  NodeSnapshot,
  PlacementRules,
  Reservation,
  Snapshot,
} from '../../../server/placement/snapshot.ts'

export const MIB = 2 ** 20
export const GIB = 2 ** 30

/** The moment of all requests here. */
export const NOW_MS = 1_000_000

/** The image all nodes run, but for what a test says. */
export const IMAGE = ImageDigest.parse('1'.repeat(64))

/** The rules of a cluster that reports every second. */
export const RULES: PlacementRules = {
  memoryCeiling: 0.95,
  defaultMemoryBytes: 512 * MIB,
  maxReportAgeMs: 5000,
}

/** The id of the n-th node. */
export function nodeId(n: number): NodeId {
  return NodeId.parse(`n-${n.toString(16).padStart(12, '0')}`)
}

/** The id of the n-th process. */
export function processId(n: number): ProcessId {
  return ProcessId.parse(`p-${n.toString().padStart(10, '0')}`)
}

/** An idle ready node of 4 threads and 8 GiB, but for `changes`. */
export function node(n: number, changes: Partial<NodeSnapshot> = {}): NodeSnapshot {
  return {
    id: nodeId(n),
    name: `node-${n}`,
    state: 'ready',
    draining: false,
    image: IMAGE,
    speed: 1,
    capacity: 4,
    busyThreads: 0,
    memoryTotalBytes: 8 * GIB,
    memoryUsedBytes: GIB / 2,
    reportedAtMs: NOW_MS - 500,
    reservations: [],
    ...changes,
  }
}

/** What a process of 1 GiB and 1 thread was promised a moment ago, but for `changes`. */
export function reservation(n: number, changes: Partial<Reservation> = {}): Reservation {
  return {
    process: processId(n),
    memoryBytes: GIB,
    threads: 1,
    lifeMs: null,
    reports: 0,
    usedBytes: null,
    ...changes,
  }
}

/** A cluster of these nodes. */
export function cluster(...nodes: readonly NodeSnapshot[]): Snapshot {
  return { nodes, rules: RULES }
}

/** A request to run `command`. */
export function request(command: string, changes: Partial<PlaceRequest> = {}): PlaceRequest {
  return { process: processId(1), command: command.split(' '), env: {}, atMs: NOW_MS, ...changes }
}
