import { expect, it } from 'vitest'
import { EmulatedCluster } from './emulated-cluster.ts'
import { placementRatios, type SizeResult } from './ratios.ts'

const result = (nodes: number, decisionsPerSecond: number): SizeResult => ({
  ...{ nodes, decisionsPerSecond, wallDecisionsPerSecond: 1, p50Us: 1, p99Us: 1, placedShare: 1, spread: {} },
})

it('compares at 1,000 nodes', () => {
  expect(placementRatios([result(100, 1), result(1000, 15_000)])).toEqual({
    godwitToSlurm: 30,
    godwitToNomadC1M: 4,
  })
  expect(placementRatios([result(100, 1)])).toEqual({})
})

it('the emulated cluster has room: every run is placed, while others end and reports come', () => {
  const cluster = new EmulatedCluster({ nodes: 20, decisionsPerSecond: 100 })
  for (const asked of cluster.ask(400)) {
    expect(cluster.run(asked)).toBe(true)
    cluster.live()
    cluster.act()
  }
})
