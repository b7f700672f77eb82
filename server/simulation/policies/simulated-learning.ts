import type { Demand } from '../../../protocol/decision.ts'
import type { ProcessRecord } from '../../../protocol/process.ts'
import { Learning } from '../../learning/learning.ts'
import { observationOf } from '../../learning/observation.ts'
import type { Ending } from '../policy.ts'
import type { Pledge, Run } from '../run.ts'
import type { Machine } from '../scenario.ts'
import { nodeId, processId } from './production.ts'

/** The server's learning, fed with what an agent would tell of the simulated processes. */
export class SimulatedLearning {
  readonly learning = new Learning()
  readonly #machines: readonly Machine[]
  readonly #demands = new WeakMap<Pledge, Demand>()

  constructor(machines: readonly Machine[]) {
    this.#machines = machines
  }

  /** A run was placed on `host` for this demand; what it returns is to be the run's pledge. */
  placed(demand: Demand, host: number, nowS: number): Pledge {
    const { threads, memoryBytes, lifeMs } = demand
    const pledge = { threads, memoryBytes, lifeMs }
    this.#demands.set(pledge, demand)
    this.learning.placed(nodeId(host), nowS * 1000)
    return pledge
  }

  /** A run ended: the agent has told of it, and the server learns. */
  ended(run: Run, ending: Ending, nowS: number): void {
    const demand = this.#demands.get(run.pledge)
    const machine = this.#machines[run.host]
    if (demand === undefined || machine === undefined) return
    const observed = { capacity: machine.cores, benchmark: machine.speed }
    const observation = observationOf(recordOf(run, ending, nowS), demand, observed)
    if (observation !== undefined) this.learning.note(observation, nowS * 1000)
  }
}

/** The record the server would have of an ended run. */
function recordOf(run: Run, ending: Ending, nowS: number): ProcessRecord {
  const { job, pledge, placedS, usedCpuS } = run
  const placedAtMs = placedS * 1000
  const oomKilled = ending === 'killed'
  return {
    id: processId(job),
    command: [...job.command],
    node: nodeId(run.host),
    nodeName: '',
    bootId: '',
    home: '',
    uid: 0,
    state: 'ended',
    placements: 1,
    reservedBytes: pledge.memoryBytes,
    reservedThreads: pledge.threads,
    placedAtMs,
    startedAtMs: placedAtMs,
    endedAtMs: nowS * 1000,
    pid: 1,
    ending: oomKilled
      ? { exitStatus: null, signal: 'SIGKILL', oomKilled }
      : { exitStatus: 0, signal: null, oomKilled },
    usage: {
      cpuSeconds: usedCpuS,
      memoryBytes: job.memoryBytes,
      peakMemoryBytes: job.memoryBytes,
      threads: job.threads,
      peakThreads: job.threads,
    },
    reason: null,
    retryOf: null,
  }
}
