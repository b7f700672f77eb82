import { describe, expect, it } from 'vitest'
import { ImageDigest } from '../../../config/values/node-id.ts'
import { Decision } from '../../../protocol/decision.ts'
import { NOTHING_KNOWN } from '../../../server/learning/knowledge.ts'
import { place } from '../../../server/placement/place.ts'
import type { PlaceRequest } from '../../../server/placement/request.ts'
import type { NodeSnapshot } from '../../../server/placement/snapshot.ts'
import { Warmth } from '../../../server/placement/warmth.ts'
import { cluster, GIB, MIB, NOW_MS, node, nodeId, RULES, request, reservation } from './fixtures.ts'

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
      { busyThreads: 4, memoryUsedBytes: GIB, reservations: [reservation(9, { reports: 2 })] },
      { busyThreads: 4, memoryUsedBytes: GIB },
    ],
    [
      'the one whose processes will be there long after it is gone',
      request('sort'),
      { busyThreads: 4, reservations: [reservation(9, { reports: 2, lifeMs: 1000 })] },
      { busyThreads: 4, reservations: [reservation(9, { reports: 2, lifeMs: 3_600_000 })] },
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

describe('home', () => {
  const atHome = (command: string, changes: Partial<NodeSnapshot>, lifeMs: number | null) => {
    const none = () => undefined
    const experience = { runs: 9, threads: none, memory: none, lifeMs: () => lifeMs, oomRaise: 1 }
    const knowledge = { ...NOTHING_KNOWN, experience: () => experience }
    const nodes = [node(1, { speed: 1.3 }), node(2, changes)]
    return place(request(command, { home: nodeId(2) }), { nodes, rules: RULES, knowledge }, 1).decision
      .candidates[0]?.name
  }

  it('keeps a short command, but not a long one, from a faster node', () => {
    expect(atHome('true', {}, 20)).toBe('node-2')
    expect(atHome('sort', {}, 60_000)).toBe('node-1')
  })

  it('lets go of a short command where it is crowded', () => {
    expect(atHome('true', { busyThreads: 12 }, 20)).toBe('node-1')
  })

  it('goes before luck and before a warm node', () => {
    const warmth = new Warmth()
    const { decision } = place(request('sort'), cluster(node(1)), 1)
    warmth.note(decision.candidates[0]?.demand.key ?? '', nodeId(3), NOW_MS - 1000)
    const nodes = [node(1), node(2), node(3)]
    const ask = (changes: Partial<PlaceRequest>, atMs = NOW_MS) =>
      place(
        request('sort', { ...changes, atMs }),
        { nodes, rules: { ...RULES, maxReportAgeMs: 1e9 }, warmth },
        1,
      ).decision.candidates[0]?.name
    expect(ask({ home: nodeId(2) })).toBe('node-2')
    expect(ask({})).toBe('node-3')
    const longAfter = Array.from({ length: 20 }, (_, seed) =>
      place(
        request('sort', { atMs: NOW_MS + 700_000 }),
        { nodes, rules: { ...RULES, maxReportAgeMs: 1e9 }, warmth },
        seed,
      ),
    )
    expect(new Set(longAfter.map(({ decision }) => decision.chosen)).size).toBe(3)
  })
})

describe('a node is left out', () => {
  it.each<[string, string, Partial<PlaceRequest>, Partial<NodeSnapshot>]>([
    ['not-requested', 'alder was asked for', { on: 'alder' }, {}],
    ['excluded', 'refused this process before', { excluded: [nodeId(1)] }, {}],
    ['not-ready', 'is pending', {}, { state: 'pending' }],
    ['draining', 'takes no new processes', {}, { draining: true }],
    ['kept', 'is kept for a process that waits longer', { kept: nodeId(1) }, {}],
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

  it('when it runs another image than home does', () => {
    const image = ImageDigest.parse('2'.repeat(64))
    const asked = request('sort', { home: nodeId(2), on: 'node-1' })
    const { decision } = place(asked, cluster(node(1, { image }), node(2)), 1)
    expect(decision.filtered[0]).toMatchObject({
      name: 'node-1',
      reason: 'image',
      detail: 'runs image 222222222222, home runs 111111111111',
    })
  })

  it('not when it is the one asked for, by name or id', () => {
    expect(chosen(request('sort', { on: 'node-2' }), node(1, { speed: 2 }), node(2))).toBe('node-2')
    expect(chosen(request('sort', { on: nodeId(2) }), node(1, { speed: 2 }), node(2))).toBe('node-2')
  })
})

it('without nodes there is no place', () => {
  expect(place(request('sort'), cluster(), 1)).toMatchObject({ kind: 'unplaceable' })
})
