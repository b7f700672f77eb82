import { describe, expect, it } from 'vitest'
import { Decision } from '../../../protocol/decision.ts'
import { place } from '../../../server/placement/place.ts'
import type { PlaceRequest } from '../../../server/placement/request.ts'
import type { NodeSnapshot } from '../../../server/placement/snapshot.ts'
import { cluster, GIB, MIB, NOW_MS, node, nodeId, request, reservation } from './fixtures.ts'

const chosen = (one: PlaceRequest, ...nodes: readonly NodeSnapshot[]) => {
  const placement = place(one, cluster(...nodes), 1)
  expect(Decision.parse(placement.decision)).toEqual(placement.decision)
  return placement.decision.candidates[0]?.name
}

describe('of two nodes, a process goes to', () => {
  it.each<[string, PlaceRequest, Partial<NodeSnapshot>, Partial<NodeSnapshot>]>([
    ['the faster one', request('sort'), {}, { speed: 1.5 }],
    ['the idle one', request('sort'), { busyThreads: 4 }, {}],
    ['the wide one, if it has many threads', request('java Main'), { capacity: 2 }, { capacity: 4 }],
    [
      'the fast narrow one, if it has a single thread',
      request('sort'),
      { capacity: 16 },
      { speed: 1.2, capacity: 1 },
    ],
    ['a slow idle one rather than a fast crowded one', request('sort'), { speed: 1.5, busyThreads: 12 }, {}],
    [
      'the one where nobody else suffers',
      request('sort'),
      { busyThreads: 4, memoryUsedBytes: GIB, reservations: [reservation(9, { acknowledged: true })] },
      { busyThreads: 4, memoryUsedBytes: GIB },
    ],
    ['the one with more memory to spare', request('sort'), { memoryUsedBytes: 4 * GIB }, {}],
    [
      'the one that got nothing since its report',
      request('java -Xmx1g Main'),
      { reservations: [reservation(9, { threads: 4 })] },
      {},
    ],
  ])('%s', (_, one, worse, better) => {
    expect(chosen(one, node(1, worse), node(2, better))).toBe('node-2')
    expect(chosen(one, node(1, better), node(2, worse))).toBe('node-1')
  })

  it('each in turn, when a burst comes within one report', () => {
    const nodes = [node(1), node(2), node(3)]
    const counts = nodes.map(() => 0)
    for (let burst = 0; burst < 12; burst += 1) {
      const now = nodes.map((each, index) => ({
        ...each,
        reservations: Array.from({ length: counts[index] ?? 0 }, (_, n) =>
          reservation(n, { threads: 4, memoryBytes: 256 * MIB }),
        ),
      }))
      const placement = place(request('java -Xmx64m Main'), cluster(...now), burst)
      const at = nodes.findIndex(({ id }) => id === placement.decision.chosen)
      counts[at] = (counts[at] ?? 0) + 1
    }
    expect(counts).toEqual([4, 4, 4])
  })
})

describe('a node is left out', () => {
  it.each<[string, string, Partial<PlaceRequest>, Partial<NodeSnapshot>]>([
    ['not-requested', 'alder was asked for', { on: 'alder' }, {}],
    ['excluded', 'refused this process before', { excluded: [nodeId(1)] }, {}],
    ['not-ready', 'is pending', {}, { state: 'pending' }],
    ['report-stale', 'last report 5001 ms ago, at most 5000 ms allowed', {}, { reportedAtMs: NOW_MS - 5001 }],
    ['report-stale', 'has not reported yet', {}, { reportedAtMs: null }],
    [
      'memory',
      'needs 4 GiB, 3.31 GiB are free (500 MiB of 3.8 GiB are taken)',
      { memoryBytes: 4 * GIB },
      { memoryTotalBytes: 4 * GIB, memoryUsedBytes: 500 * MIB },
    ],
  ])('%s: %s', (reason, detail, ask, state) => {
    const { kind, decision } = place(request('sort', ask), cluster(node(1, state)), 1)
    expect(kind).toBe('unplaceable')
    expect(decision).toMatchObject({ chosen: null, candidates: [] })
    expect(decision.filtered).toEqual([{ node: nodeId(1), name: 'node-1', reason, detail }])
  })

  it('not when it is the one asked for, by name or id', () => {
    expect(chosen(request('sort', { on: 'node-2' }), node(1, { speed: 2 }), node(2))).toBe('node-2')
    expect(chosen(request('sort', { on: nodeId(2) }), node(1, { speed: 2 }), node(2))).toBe('node-2')
  })
})

it('without nodes there is no place', () => {
  expect(place(request('sort'), cluster(), 1)).toMatchObject({ kind: 'unplaceable' })
})
