import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NOTHING_KNOWN } from '../../../server/learning/knowledge.ts'
import type { NodeFacts } from '../../../server/placement/measure.ts'
import { placeOn } from '../../../server/placement/place.ts'
import { type Grant, Roster } from '../../../server/placement/roster.ts'
import { takenOf } from '../../../server/placement/snapshot.ts'
import { GIB, MIB, NOW_MS, node, nodeId, processId, RULES, request } from './fixtures.ts'

const facts = (n: number, changes: Partial<NodeFacts> = {}): NodeFacts => ({
  id: nodeId(n),
  name: `node-${n}`,
  state: 'ready',
  draining: false,
  image: null,
  hardware: null,
  speed: { single: 1, all: 4 },
  load: {
    atMs: 0,
    cpuBusy: 0,
    runnable: 0,
    memoryAvailableBytes: 8 * GIB,
    memoryTotalBytes: 8 * GIB,
    psiCpu: null,
    psiMemory: null,
    uptimeSeconds: 1,
  },
  reportedAtMs: NOW_MS,
  ...changes,
})
const grant = (n: number, changes: Partial<Grant> = {}): Grant => ({
  process: processId(n),
  node: nodeId(1),
  memoryBytes: GIB,
  threads: 2,
  placedAtMs: NOW_MS,
  lifeMs: null,
  ...changes,
})
const taken = (roster: Roster) => takenOf(roster.board.get(nodeId(1)) ?? node(99))

describe('a process that was just placed', () => {
  it('counts at once, and until a report names it, whatever reports come before', () => {
    const roster = new Roster(RULES)
    roster.put(facts(1))
    roster.hold(grant(7))
    expect(taken(roster)).toEqual({ memoryBytes: GIB, threads: 1 })
    roster.put(facts(1, { reportedAtMs: NOW_MS + 5000 }))
    roster.report(nodeId(1), [{ process: processId(8), usedBytes: GIB }], NOW_MS + 5000)
    expect(taken(roster)).toEqual({ memoryBytes: GIB, threads: 1 })
  })

  it('is in the measured memory from its first report on, in the measured load from its second', () => {
    const roster = new Roster(RULES)
    const used = { ...facts(1).load, memoryAvailableBytes: 7 * GIB } as NodeFacts['load']
    roster.hold(grant(7))
    roster.put(facts(1, { load: used }))
    expect(taken(roster)).toEqual({ memoryBytes: 2 * GIB, threads: 1 })
    roster.report(nodeId(1), [{ process: processId(7), usedBytes: 768 * MIB }], NOW_MS)
    expect(taken(roster)).toEqual({ memoryBytes: 1280 * MIB, threads: 1 })
    roster.report(nodeId(1), [{ process: processId(7), usedBytes: 768 * MIB }], NOW_MS)
    expect(taken(roster).threads).toBe(0)
  })

  it('gives back what it does not use when it is old, and all when it ends', () => {
    const roster = new Roster(RULES)
    roster.put(facts(1))
    roster.hold(grant(7))
    roster.report(nodeId(1), [{ process: processId(7), usedBytes: 0 }], NOW_MS + 3_600_000)
    expect(taken(roster).memoryBytes).toBeLessThan(MIB)
    roster.release({ process: processId(7), node: nodeId(1) }, NOW_MS)
    roster.release({ process: processId(7), node: nodeId(1) }, NOW_MS)
    expect(taken(roster)).toEqual({ memoryBytes: 0, threads: 0 })
  })
})

it('what was learned of the speed of a node counts, and is asked again once the node was given something', () => {
  const probed: number[] = []
  const speedOf = (_: unknown, benchmark: number, nowMs: number) =>
    probed.push(nowMs) === 1 ? benchmark * 2 : benchmark * 0.8
  const roster = new Roster(RULES, { ...NOTHING_KNOWN, speedOf })
  roster.put(facts(1))
  expect(roster.board.get(nodeId(1))?.speed).toBe(2)
  roster.hold(grant(7, { placedAtMs: NOW_MS + 1 }))
  expect(roster.board.get(nodeId(1))?.speed).toBe(0.8)
  expect(probed).toEqual([NOW_MS, NOW_MS + 1])
})

it('whatever comes and ends, in whatever order, no node is promised more than its ceiling', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('run' as const), memoryBytes: fc.integer({ min: MIB, max: 9 * GIB }) }),
    fc.record({ kind: fc.constant('end' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('report' as const), which: fc.nat(2), usedBytes: fc.nat(GIB) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const roster = new Roster(RULES)
      for (const n of [0, 1, 2]) roster.put(facts(n))
      const live: Grant[] = []
      for (const [index, one] of steps.entries()) {
        if (one.kind === 'run') {
          const asked = request('sort', { process: processId(index), memoryBytes: one.memoryBytes })
          const plan = placeOn(asked, roster.board, index)
          if (plan.kind === 'unplaceable') continue
          const given = grant(index, { node: plan.node, memoryBytes: plan.demand.memoryBytes })
          roster.hold(given)
          live.push(given)
        } else if (one.kind === 'end') {
          const [gone] = live.splice(one.which % Math.max(1, live.length), 1)
          if (gone !== undefined) roster.release(gone, NOW_MS)
        } else {
          const here = live.filter(each => each.node === nodeId(one.which))
          const uses = here.map(({ process }) => ({ process, usedBytes: one.usedBytes }))
          roster.report(nodeId(one.which), uses, NOW_MS)
        }
        for (const slot of roster.board.slots) {
          const mine = live.filter(each => each.node === slot.id)
          expect(slot.node.reservations.map(each => each.process)).toEqual(mine.map(each => each.process))
          const promised = mine.reduce((sum, each) => sum + each.memoryBytes, 0)
          expect(promised).toBeLessThanOrEqual(0.95 * 8 * GIB)
        }
      }
    }),
  )
})
