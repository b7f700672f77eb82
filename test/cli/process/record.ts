import { NodeId, ProcessId } from '../../../config/values/node-id.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'

/** A process that ended well; `change` says what differs. */
export function endedRecord(change: Partial<ProcessRecord> = {}): ProcessRecord {
  return {
    id: ProcessId.parse('p-3k7v0q1abc'),
    command: ['java', '-jar', 'a.jar'],
    node: NodeId.parse('n-525400770001'),
    nodeName: 'node-1',
    bootId: 'k',
    home: 'server',
    uid: 1000,
    state: 'ended',
    placements: 1,
    reservedBytes: 64 << 20,
    memoryMaxBytes: 100 << 20,
    reservedThreads: 4,
    placedAtMs: 0,
    startedAtMs: 1000,
    endedAtMs: 3500,
    pid: 7,
    ending: { exitStatus: 0, signal: null, oomKilled: false },
    usage: { cpuSeconds: 2, memoryBytes: 0, peakMemoryBytes: 100 << 20, threads: 0, peakThreads: 19 },
    reason: null,
    retryOf: null,
    ...change,
  }
}
