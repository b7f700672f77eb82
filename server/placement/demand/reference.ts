import type { Snapshot } from '../snapshot.ts'

/**
 * The memory a JVM without a fixed heap shall believe in: that of the smallest ready node. A JVM sizes itself by the
 * machine it wakes up on; if that were the chosen node, the same command would behave differently from run to run.
 */
export function referenceBytes({ nodes, rules }: Pick<Snapshot, 'nodes' | 'rules'>): number {
  let smallest = Number.POSITIVE_INFINITY
  for (const { state, memoryTotalBytes } of nodes)
    if (state === 'ready' && memoryTotalBytes > 0) smallest = Math.min(smallest, memoryTotalBytes)
  return Number.isFinite(smallest) ? smallest : rules.defaultMemoryBytes
}
