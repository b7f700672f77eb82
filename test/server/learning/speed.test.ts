import { describe, expect, it } from 'vitest'
import type { NodeId } from '../../../config/values/node-id.ts'
import { Learning } from '../../../server/learning/learning.ts'
import { drawn } from '../../../server/placement/random.ts'
import { nodeId } from '../placement/fixtures.ts'
import { observation } from './fixtures.ts'

const MINUTE_MS = 60_000
const [fast, slow, odd] = [nodeId(1), nodeId(2), nodeId(3)]

/** Runs of `key` that need 10 s of processor time at speed 1, give or take a factor of 2, on nodes in turn. */
function run(learning: Learning, count: number, truth: ReadonlyMap<NodeId, number>, key = 'sort @0'): void {
  const nodes = [...truth]
  for (let index = 0; index < count; index += 1) {
    const [node, speed] = nodes[index % nodes.length] ?? [fast, 1]
    const noise = 2 ** (2 * drawn(index, key.length) - 1)
    learning.note(observation({ key, node, cpuSeconds: (10 * noise) / speed, benchmark: 1 }), index)
  }
}

describe('the speed of a node', () => {
  it('is its benchmark until its runs say otherwise', () => {
    expect(new Learning().speedOf(fast, 0.7, 0)).toBe(0.7)
  })

  it('moves to what its runs show against other runs of the same command', () => {
    const learning = new Learning()
    run(
      learning,
      600,
      new Map([
        [fast, 1.1],
        [slow, 0.85],
      ]),
    )
    const [a, b] = [fast, slow].map(node => learning.speedOf(node, 1, 0))
    expect(Number(a) / Number(b)).toBeGreaterThan(1.15)
    expect(Number(a) / Number(b)).toBeLessThan(1.45)
  })

  it('is never further from its benchmark than 20 %', () => {
    const learning = new Learning()
    run(
      learning,
      2000,
      new Map([
        [fast, 10],
        [slow, 0.1],
        [odd, 1],
      ]),
    )
    expect(learning.speedOf(fast, 1, 0)).toBeCloseTo(1.2)
    expect(learning.speedOf(slow, 1, 0)).toBeCloseTo(0.8)
  })

  it('does not fall because a node is given the long commands', () => {
    const learning = new Learning()
    for (let index = 0; index < 200; index += 1) {
      learning.note(observation({ key: 'long @0', node: slow, cpuSeconds: 500 }), index)
      learning.note(observation({ key: 'short @0', node: fast, cpuSeconds: 1 }), index)
    }
    expect(learning.speedOf(slow, 1, 0)).toBeCloseTo(1)
    expect(learning.speedOf(fast, 1, 0)).toBeCloseTo(1)
  })

  it('is not judged by runs that were cut short or computed nothing', () => {
    const learning = new Learning()
    run(learning, 20, new Map([[fast, 1]]))
    for (let index = 0; index < 50; index += 1)
      learning.note(observation({ node: slow, cpuSeconds: null }), index)
    expect(learning.speedOf(slow, 1, 0)).toBe(1)
  })
})

describe('a node judged slow', () => {
  const judged = () => {
    const learning = new Learning()
    run(
      learning,
      1000,
      new Map([
        [fast, 1],
        [odd, 1],
        [slow, 0.5],
      ]),
    )
    for (const node of [fast, odd, slow]) learning.speedOf(node, 1, 0)
    return learning
  }
  const passOver = (learning: Learning, placements: number, overMs: number) => {
    for (let index = 1; index <= placements; index += 1)
      learning.placed(index % 2 === 0 ? fast : odd, (index * overMs) / placements)
  }

  it('counts as the fastest after 50 placements and 10 minutes without it, not sooner', () => {
    const soon = judged()
    passOver(soon, 200, 9 * MINUTE_MS)
    expect(soon.speedOf(slow, 1, 9 * MINUTE_MS)).toBeLessThan(0.9)
    const few = judged()
    passOver(few, 49, 60 * MINUTE_MS)
    expect(few.speedOf(slow, 1, 60 * MINUTE_MS)).toBeLessThan(0.9)
    const due = judged()
    passOver(due, 50, 10 * MINUTE_MS)
    expect(due.speedOf(slow, 1, 10 * MINUTE_MS)).toBeGreaterThan(0.95)
  })

  it('is given one process then, and waits again', () => {
    const learning = judged()
    passOver(learning, 60, 11 * MINUTE_MS)
    expect(learning.speedOf(slow, 1, 11 * MINUTE_MS)).toBeGreaterThan(0.95)
    learning.placed(slow, 11 * MINUTE_MS)
    expect(learning.speedOf(slow, 1, 11 * MINUTE_MS)).toBeLessThan(0.9)
  })

  it('costs one placement in 50, however many are judged slow', () => {
    const learning = new Learning()
    const slowOnes = Array.from({ length: 40 }, (_, index) => nodeId(100 + index))
    const fleet = [...slowOnes, ...Array.from({ length: 60 }, (_, index) => nodeId(1 + index))]
    const benchmark = (node: NodeId) => (slowOnes.includes(node) ? 0.5 : 1)
    const tried = new Map<NodeId, number>()
    for (let placement = 0; placement < 4000; placement += 1) {
      const nowMs = placement * MINUTE_MS
      const best = fleet.reduce((a, b) =>
        learning.speedOf(b, benchmark(b), nowMs) >= learning.speedOf(a, benchmark(a), nowMs) ? b : a,
      )
      learning.placed(best, nowMs)
      if (benchmark(best) < 1) tried.set(best, (tried.get(best) ?? 0) + 1)
    }
    const total = [...tried.values()].reduce((sum, count) => sum + count, 0)
    expect(total).toBeGreaterThan(60)
    expect(total).toBeLessThanOrEqual(80)
  })

  it('is found out to be fast again by such tries alone', () => {
    const learning = judged()
    let nowMs = 0
    let tries = 0
    for (let placement = 0; placement < 20_000; placement += 1) {
      nowMs += 15_000
      const speeds = [fast, odd, slow].map(node => ({ node, speed: learning.speedOf(node, 1, nowMs) }))
      const best = speeds.reduce((a, b) => (b.speed >= a.speed ? b : a)).node
      learning.placed(best, nowMs)
      learning.note(observation({ node: best, cpuSeconds: 10 }), nowMs)
      if (best === slow) tries += 1
    }
    expect(tries).toBeGreaterThan(5)
    expect(learning.speedOf(slow, 1, nowMs)).toBeGreaterThan(0.95)
  })

  it('is also the slower one of two', () => {
    const learning = new Learning()
    for (const [node, speed] of [
      [fast, 1],
      [slow, 0.6],
    ] as const)
      learning.speedOf(node, speed, 0)
    for (let index = 1; index <= 60; index += 1) learning.placed(fast, index * MINUTE_MS)
    expect(learning.speedOf(slow, 0.6, 60 * MINUTE_MS)).toBeGreaterThan(1)
  })

  it('waits alone to be tried, and not for ever', () => {
    const learning = judged()
    const other = nodeId(4)
    learning.speedOf(other, 0.7, 0)
    passOver(learning, 60, 11 * MINUTE_MS)
    const speeds = (atMs: number) => [slow, other].map(node => learning.speedOf(node, 0.8, atMs))
    expect(speeds(12 * MINUTE_MS).map(speed => speed > 0.95)).toEqual([true, false])
    const late = 14 * MINUTE_MS
    expect([other, slow].map(node => learning.speedOf(node, 0.8, late) > 0.95)).toEqual([true, false])
    learning.forgetNode(other)
    expect(learning.speedOf(slow, 0.8, late)).toBeGreaterThan(0.95)
  })
})
