import { describe, expect, it } from 'vitest'
import { Board } from '../../../../server/placement/board.ts'
import { prospectOf } from '../../../../server/placement/queue/prospect.ts'
import type { PlaceRequest } from '../../../../server/placement/request.ts'
import type { NodeSnapshot } from '../../../../server/placement/snapshot.ts'
import { cluster, GIB, NOW_MS, node, nodeId, request, reservation } from '../fixtures.ts'

const full = (n: number, changes: Partial<NodeSnapshot> = {}) =>
  node(n, { reservations: [reservation(n, { memoryBytes: 7 * GIB })], ...changes })
const prospect = (ask: Partial<PlaceRequest>, ...nodes: readonly NodeSnapshot[]) =>
  prospectOf(request('sort', ask), Board.of(cluster(...nodes)), () => GIB / 2)

describe('a process that finds no memory', () => {
  it('waits for the node where it lacks least', () => {
    const less = full(2, { reservations: [reservation(2, { memoryBytes: 6 * GIB })] })
    expect(prospect({ memoryBytes: 4 * GIB }, full(1), less, full(3))).toMatchObject({
      node: nodeId(2),
      memoryBytes: 4 * GIB,
    })
    expect(prospect({ memoryBytes: 4 * GIB }, full(3), full(1))?.node).toBe(nodeId(1))
  })

  it('waits for a node that is kept for another, or has just not reported', () => {
    expect(prospect({ memoryBytes: GIB, kept: nodeId(1) }, full(1))?.node).toBe(nodeId(1))
    expect(prospect({ memoryBytes: GIB }, full(1, { reportedAtMs: NOW_MS - 60_000 }))?.node).toBe(nodeId(1))
  })

  it.each<[string, Partial<PlaceRequest>, Partial<NodeSnapshot>]>([
    ['a machine larger than all there are', { memoryBytes: 8 * GIB }, {}],
    ['what the system itself uses', { memoryBytes: 7.3 * GIB }, {}],
    ['a node that was not asked for', { memoryBytes: GIB, on: 'node-2' }, {}],
    ['a node that drains', { memoryBytes: GIB }, { draining: true }],
    ['a node that is lost', { memoryBytes: GIB }, { state: 'lost' }],
  ])('does not wait for %s', (_, ask, changes) => {
    expect(prospect(ask, full(1, changes))).toBeUndefined()
  })
})
