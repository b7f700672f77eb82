import type { Demand } from '../../../protocol/decision.ts'
import { type Knowledge, NOTHING_KNOWN } from '../../learning/knowledge.ts'
import { placeOn } from '../../placement/place.ts'
import type { Cluster, CreatePolicy } from '../policy.ts'
import type { Job } from '../scenario.ts'
import { hostOf, requestFor } from './production.ts'
import { SimulatedBoard } from './simulated-board.ts'
import { SimulatedLearning } from './simulated-learning.ts'
import { Truth } from './truth.ts'

type Placed = { readonly host: number; readonly demand: Demand }

/** The production placement over simulated hosts; `null` when no host has the memory. */
function placer(knowledge: Knowledge, seed: number): (job: Job, cluster: Cluster) => Placed | null {
  const simulated = new SimulatedBoard(knowledge)
  return (job, { hosts, nowS }) => {
    const placement = placeOn(requestFor(job, nowS), simulated.update(hosts, nowS), seed + job.id)
    if (placement.kind === 'unplaceable') return null
    simulated.board.warmth.note(placement.demand.key, placement.node, nowS * 1000)
    return { host: hostOf(placement.node), demand: placement.demand }
  }
}

/** What the server does: the production placement with the production learning, which begins with nothing. */
export const godwit: CreatePolicy = ({ machines }, seed) => {
  const simulated = new SimulatedLearning(machines)
  const place = placer(simulated.learning, seed)
  return {
    choose: (job, _attempt, cluster) => {
      const placed = place(job, cluster)
      if (placed === null) return null
      return { host: placed.host, pledge: simulated.placed(placed.demand, placed.host, cluster.nowS) }
    },
    ended: (run, ending, nowS) => simulated.ended(run, ending, nowS),
  }
}

/** The same on what the command line tells, without any learning. */
export const godwitHints: CreatePolicy = (_, seed) => {
  const place = placer(NOTHING_KNOWN, seed)
  return {
    choose: (job, _attempt, cluster) => {
      const placed = place(job, cluster)
      return placed && { host: placed.host, pledge: placed.demand }
    },
  }
}

/** The same with the truth about each job's threads, memory and life instead of learning. */
export const oracle: CreatePolicy = (_, seed) => {
  const truth = new Truth()
  const place = placer(truth, seed)
  return {
    choose: (job, _attempt, cluster) => {
      truth.ask(job)
      const placed = place(job, cluster)
      return placed && { host: placed.host, pledge: placed.demand }
    },
  }
}
