import { simulate } from '../../../server/simulation/engine.ts'
import { createPolicy } from '../../../server/simulation/policies/policies.ts'
import { aloneS } from '../../../server/simulation/scenario.ts'
import { readArrivals } from '../../../server/simulation/workloads/arrival-list.ts'
import { type TurnFigures, turnFigures } from './figures.ts'
import type { Policy } from './policies.ts'
import type { ArrivalDocument } from './scenario.ts'

/** Reports of the lab's nodes are as old as this, seconds; a start elsewhere is in what a job takes alone. */
const WORLD = { reportEveryS: 1, remoteStartS: 0 }

/** What the simulator says of a policy for the same arrivals. With the same seed chance deals the same nodes. */
export function simulatedFigures(document: ArrivalDocument, policy: Policy, seed: number): TurnFigures {
  const read = readArrivals(document)
  if (read.kind === 'malformed') throw new Error(`no list of arrivals: ${read.problems.join('; ')}`)
  const { scenario } = read
  const kills = new Map<number, number>()
  const chosen = createPolicy(policy, scenario, seed)
  const { ends } = simulate(
    scenario,
    {
      ...chosen,
      ended: (run, ending, nowS) => {
        if (ending === 'killed') kills.set(run.job.id, (kills.get(run.job.id) ?? 0) + 1)
        chosen.ended?.(run, ending, nowS)
      },
    },
    WORLD,
  )
  return turnFigures(
    ends.map(({ job, askedS, endS, isDone }) => ({
      id: job.id,
      askedS,
      endS,
      aloneS: aloneS(job, scenario.machines) ?? Number.NaN,
      isDone,
      oomKills: kills.get(job.id) ?? 0,
    })),
  )
}
