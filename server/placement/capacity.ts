import type { Speed } from '../../protocol/hardware.ts'

/**
 * Threads that run at the node's speed at once: of `threads` the kernel schedules on, those that share a core are worth
 * what the benchmark measured, all together against one alone.
 */
export function capacityOf(threads: number, speed: Speed | null): number {
  const width = speed === null ? threads : speed.all / speed.single
  return Math.min(threads, Math.max(1, width))
}
