import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Board } from '../../../server/placement/board.ts'
import { place, placeOn } from '../../../server/placement/place.ts'
import { anyNodes, anyRequest, anySeed, anyState } from './arbitraries.ts'
import { cluster, GIB, node, nodeId, RULES, request } from './fixtures.ts'

describe('a board', () => {
  it('that was kept through changes decides as one made anew', () => {
    const change = fc.record({ which: fc.nat(9), state: fc.option(anyState) })
    fc.assert(
      fc.property(anyRequest, anyNodes, fc.array(change), anySeed, (one, all, changes, seed) => {
        const board = Board.of(cluster(...all))
        const now = new Map(all.map(each => [each.id, each]))
        for (const { which, state } of changes) {
          placeOn(one, board, seed) // fills what the board remembers
          if (state === null) {
            board.remove(nodeId(which))
            now.delete(nodeId(which))
          } else {
            board.put(node(which, state))
            now.set(nodeId(which), node(which, state))
          }
        }
        const { candidates, chosen } = placeOn(one, board, seed).decision
        expect({ candidates, chosen }).toMatchObject(
          (({ candidates, chosen }) => ({ candidates, chosen }))(
            place(one, cluster(...now.values()), seed).decision,
          ),
        )
        expect(board.slots.map(({ id }) => id).sort()).toEqual([...now.keys()].sort())
      }),
    )
  })

  it('knows what it was told of a node', () => {
    const board = Board.of(cluster(node(1), node(2)))
    board.put(node(1, { busyThreads: 3 }))
    expect(board.get(nodeId(1))).toMatchObject({ busyThreads: 3 })
    expect(board.get(nodeId(3))).toBeUndefined()
    board.remove(nodeId(3))
    expect(board.slots).toHaveLength(2)
  })

  it('takes machines that differ by a few MB for equal', () => {
    const board = Board.of(
      cluster(node(1), node(2, { memoryTotalBytes: 8 * GIB + 3_000_000 }), node(3, { capacity: 7.9 })),
    )
    expect(board.slots.map(({ shape }) => shape)).toEqual([0, 0, 1])
    expect(board.shape(1)).toEqual({ capacity: 8, memoryTotalBytes: 8 * GIB })
    expect(() => board.shape(2)).toThrow(RangeError)
  })

  it('without nodes has no place', () => {
    expect(placeOn(request('sort'), new Board(RULES), 1)).toMatchObject({ kind: 'unplaceable' })
  })
})
