import type { Candidate, Demand, Filtered } from '../../../protocol/decision.ts'
import type { ScorePlacer } from '../../../server/place-process.ts'
import { createRandom, index } from '../../../server/simulation/random.ts'
import type { BlindPolicy } from './policies.ts'

/** Reasons that a policy which looks at nothing does not know. All others say that the node is not there to be had. */
const UNSEEN: ReadonlySet<string> = new Set(['memory', 'kept', 'report-stale'])

/** Almost nothing is set aside and nothing is limited: how many bytes are too many, the node's kernel finds out. */
const BARE: Demand = {
  ...{ threads: 1, memoryBytes: 2 ** 20, memoryMaxBytes: null },
  ...{ threadsFrom: 'not looked at', memoryFrom: 'not looked at', lifeMs: null, key: '' },
  ...{ announcedThreads: null, announcedBytes: null },
}

type Node = Pick<Candidate, 'node' | 'name'>

/** Deals out nodes: the number of the next among `count`. */
export type Dealer = (count: number) => number

/** The dealer of a policy; the same numbers as the simulator's policy of that name. */
export function dealerOf(policy: BlindPolicy, seed: number): Dealer {
  if (policy === 'random') {
    const draw = createRandom(seed)
    return count => index(draw, count)
  }
  let turn = 0
  return count => turn++ % count
}

/**
 * The server's placement with the choice taken from it: a process goes to the node that is dealt, whatever is known of
 * either. Nodes that are not there are left out, and who asks for a node by `--on` gets it, without a deal.
 */
export function blindPlacer(base: ScorePlacer, deal: Dealer): ScorePlacer {
  return {
    ...base,
    place(input) {
      const decision = base.place(input)
      const nodes = presentNodes(decision.candidates, decision.filtered)
      const at = nodes.length === 0 || input.request.on !== undefined ? 0 : deal(nodes.length)
      const node = nodes[at]
      if (node === undefined) return { ...decision, chosen: null, candidates: [] }
      const candidate = { ...node, demand: BARE, score: 0, terms: {} }
      return { ...decision, chosen: node.node, candidates: [candidate] }
    },
  }
}

/** In an order that does not change, by name. */
function presentNodes(candidates: readonly Node[], filtered: readonly Filtered[]): readonly Node[] {
  return [...candidates, ...filtered.filter(({ reason }) => UNSEEN.has(reason))]
    .map(({ node, name }) => ({ node, name }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}
