import { describe, expect, it } from 'vitest'
import { NodeId, ProcessId } from '../../../config/values/node-id.ts'
import type { Candidate, Decision } from '../../../protocol/decision.ts'
import { placerByScore } from '../../../server/place-process.ts'
import type { PlaceInput } from '../../../server/processes/placing.ts'
import { blindPlacer, type Dealer, dealerOf } from './blind-placer.ts'

const ids = [1, 2, 3].map(number => NodeId.parse(`n-00000000000${number}`))
const [a, b, c] = ids as [NodeId, NodeId, NodeId]
const process = ProcessId.parse('p-0000000000')

const candidate = (node: NodeId): Candidate => ({
  ...{ node, name: `node-${node}`, score: 1, terms: {} },
  demand: {
    ...{ threads: 4, memoryBytes: 2 ** 30, memoryMaxBytes: 2 ** 30, threadsFrom: '', memoryFrom: '' },
    ...{ lifeMs: null, key: 'java', announcedThreads: null, announcedBytes: null },
  },
})
const filtered = (node: NodeId, reason: string) => ({ node, name: `node-${node}`, reason, detail: '' })

/** A placer over a decision that was made beforehand. */
function over(decision: Pick<Decision, 'candidates' | 'filtered'>, deal: Dealer) {
  const base = placerByScore({
    placement: { memoryCeiling: 0.95, defaultMemory: 2 ** 27 },
    cluster: { reportSeconds: 1, heartbeatSeconds: 1, lostAfterSeconds: 15 } as never,
  })
  const made = { process, command: ['java'], atMs: 0, seed: 0, chosen: a, ...decision }
  return blindPlacer({ ...base, place: () => made }, deal)
}

const input = (on?: string): PlaceInput => ({
  ...{ id: process, without: null, kept: null, atMs: 0, seed: 0 },
  request: {
    ...{ command: ['java'], env: {}, uid: 0, home: 'home', specSha256: '' },
    ...(on === undefined ? {} : { on }),
  } as PlaceInput['request'],
})

describe('blindPlacer', () => {
  it('deals the nodes in turn, also those that have no memory or are late with a report', () => {
    const decision = {
      candidates: [candidate(c)],
      filtered: [filtered(a, 'memory'), filtered(b, 'report-stale')],
    }
    const placer = over(decision, dealerOf('round-robin', 1))
    expect([1, 2, 3, 4].map(() => placer.place(input()).chosen)).toEqual([a, b, c, a])
  })

  it('sets almost nothing aside and limits nothing', () => {
    const { candidates } = over({ candidates: [candidate(a)], filtered: [] }, () => 0).place(input())
    expect(candidates).toHaveLength(1)
    expect(candidates[0]?.demand).toMatchObject({ memoryBytes: 2 ** 20, memoryMaxBytes: null })
  })

  it('leaves out what is not there, and finds no place where nothing is', () => {
    const gone = [filtered(b, 'not-ready'), filtered(c, 'excluded')]
    const placer = over({ candidates: [candidate(a)], filtered: gone }, dealerOf('random', 7))
    for (let ask = 0; ask < 8; ask += 1) expect(placer.place(input()).chosen).toBe(a)
    expect(over({ candidates: [], filtered: gone }, dealerOf('round-robin', 1)).place(input())).toMatchObject(
      { chosen: null, candidates: [] },
    )
  })

  it('gives a node that was asked for without a deal', () => {
    const deal = () => expect.fail('dealt')
    const decision = { candidates: [candidate(b)], filtered: [filtered(a, 'not-requested')] }
    expect(over(decision, deal).place(input('node-b')).chosen).toBe(b)
  })
})
