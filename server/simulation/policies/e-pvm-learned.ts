import type { Demand } from '../../../protocol/decision.ts'
import { prepareDemand } from '../../placement/demand/prepare.ts'
import { referenceBytes } from '../../placement/demand/reference.ts'
import type { Host } from '../host.ts'
import type { CreatePolicy } from '../policy.ts'
import { widthOn } from '../scenario.ts'
import { takenBytes, takenThreads } from './books.ts'
import { type Burden, cheapestByOpportunity } from './e-pvm.ts'
import { RULES, requestFor, snapshotOf } from './production.ts'
import { SimulatedLearning } from './simulated-learning.ts'

/**
 * L of the cost of load is held. Doubled as published it never comes down again, so that after one rush hour load costs
 * next to nothing: J1 then comes to 1.94 instead of 1.59, and this shall be E-PVM at its best.
 */
const LIMIT = 1

/**
 * E-PVM with all that godwit knows: the same learned demand, the same books of what was placed since the last report,
 * threads instead of jobs. What is left between the two is the score.
 */
export const ePvmLearned: CreatePolicy = ({ machines }) => {
  const simulated = new SimulatedLearning(machines)
  let smallestBytes: number | undefined
  return {
    choose: (job, _attempt, { hosts, nowS }) => {
      smallestBytes ??= referenceBytes({
        nodes: hosts.map((host, at) => snapshotOf(host, at, nowS, host.machine.speed)),
        rules: RULES,
      })
      const demandOn = prepareDemand(requestFor(job, nowS), {
        referenceBytes: smallestBytes,
        rules: RULES,
        knowledge: simulated.learning,
        nowMs: nowS * 1000,
      })
      const demands = hosts.map(({ machine: { cores, memoryBytes } }) =>
        demandOn({ capacity: cores, memoryTotalBytes: memoryBytes }),
      )
      const burdens = hosts.map((host, at) => burdenOf(host, nowS, demands[at]))
      const host = cheapestByOpportunity(burdens, LIMIT)
      const demand = demands[host]
      return demand === undefined ? null : { host, pledge: simulated.placed(demand, host, nowS) }
    },
    ended: (run, ending, nowS) => simulated.ended(run, ending, nowS),
  }
}

function burdenOf(host: Host, nowS: number, demand: Demand | undefined): Burden {
  const { cores, speed, memoryBytes } = host.machine
  const taken = takenBytes(host, nowS)
  const threads = takenThreads(host, nowS)
  return {
    memoryBefore: taken / memoryBytes,
    memoryAfter: (taken + (demand?.memoryBytes ?? 0)) / memoryBytes,
    loadBefore: threads / (cores * speed),
    loadAfter: (threads + widthOn(demand?.threads ?? 1, host.machine)) / (cores * speed),
  }
}
