import { NodeId } from '../../../config/values/node-id.ts'
import type { NodeFacts } from '../../../server/placement/measure.ts'

const GIB = 2 ** 30
/** Machines as an office has them: threads, GiB, speed of one thread, what all of them are worth together. */
const MODELS = [
  { threads: 2, gib: 4, single: 0.55, all: 1.1 },
  { threads: 4, gib: 8, single: 0.8, all: 3.1 },
  { threads: 8, gib: 16, single: 1, all: 5.2 },
  { threads: 12, gib: 32, single: 1.15, all: 8.4 },
  { threads: 16, gib: 64, single: 1.25, all: 12 },
] as const

/** Share of a machine's memory that its own system uses. */
const SYSTEM_SHARE = 0.06

/** Pseudo-chance for what need not be chance: the same fleet and load in every run. */
export function spreadOf(n: number): number {
  return ((Math.imul(n + 1, 0x9e37_79b1) >>> 0) % 1000) / 1000
}

/** What does not change of a machine: its facts without the load, and what the load is made of. */
export type Machine = {
  readonly facts: Omit<NodeFacts, 'load' | 'reportedAtMs'>
  readonly n: number
  readonly threads: number
  readonly memoryTotalBytes: number
}

/** The n-th machine of an emulated cluster. */
export function machine(n: number): Machine {
  const model = MODELS[n % MODELS.length] ?? MODELS[0]
  const noise = 0.97 + 0.06 * spreadOf(n)
  // Machines of one model differ by what their firmware keeps; no two benchmarks come out the same.
  const memoryTotalBytes = model.gib * GIB - Math.floor(spreadOf(n + 7) * 9e6)
  const facts = {
    id: NodeId.parse(`n-${n.toString(16).padStart(12, '0')}`),
    name: `node-${n}`,
    state: 'ready' as const,
    draining: false,
    image: null,
    hardware: null,
    speed: { single: model.single * noise, all: model.all * noise },
  }
  return { facts, n, threads: model.threads, memoryTotalBytes }
}

/** Its `report`-th report, at `nowMs`. */
export function reported(
  { facts, n, threads, memoryTotalBytes }: Machine,
  report: number,
  nowMs: number,
): NodeFacts {
  const cpuBusy = spreadOf(n * 31 + report) ** 2
  const load = {
    atMs: nowMs,
    cpuBusy,
    runnable: Math.round(cpuBusy * threads * 1.5),
    memoryAvailableBytes: Math.floor(memoryTotalBytes * (1 - SYSTEM_SHARE)),
    memoryTotalBytes,
    psiCpu: null,
    psiMemory: null,
    uptimeSeconds: nowMs / 1000,
  }
  return { ...facts, load, reportedAtMs: nowMs }
}
