import { describe, expect, it } from 'vitest'
import { takenOf } from '../../../server/placement/snapshot.ts'
import { GIB, MIB, node, reservation } from './fixtures.ts'

describe('what is taken of a node', () => {
  it.each([
    ['nothing placed: what it uses', [], 512 * MIB],
    ['not seen by the report: promised on top', [reservation(1)], 1536 * MIB],
    [
      'seen and growing: the rest of the promise on top',
      [reservation(1, { reports: 1, usedBytes: 256 * MIB })],
      1280 * MIB,
    ],
    ['seen and beyond its promise: what it uses', [reservation(1, { reports: 1, usedBytes: 2 * GIB })], GIB],
    ['seen and not counted by the kernel: never below the promise', [reservation(1, { reports: 1 })], GIB],
  ])('%s', (_, reservations, bytes) => {
    expect(takenOf(node(1, { reservations })).memoryBytes).toBe(bytes)
  })

  it('counts threads of processes the report has not seen, no more than the node has', () => {
    const reservations = [
      reservation(1, { threads: 2 }),
      reservation(2, { threads: 99 }),
      reservation(3, { threads: 3, reports: 2 }),
    ]
    expect(takenOf(node(1, { busyThreads: 1.5, capacity: 4, reservations })).threads).toBe(7.5)
  })
})
