import type { Run } from './history.ts'
import type { Experience } from './knowledge.ts'
import type { Observation } from './observation.ts'

/** From this share of a node's width on, a process may have been held back by the node. */
const SATURATED = 0.85

/**
 * Threads at work, as they are remembered: a process that filled its node might have used more on a wider one, so it
 * does not lower what was known of it.
 */
function wantedThreads(
  { threads, capacity, announcedThreads }: Observation,
  known: Experience | undefined,
): number | null {
  if (threads === null || capacity === null || threads < SATURATED * capacity) return threads
  return Math.max(threads, known?.threads(announcedThreads)?.high ?? 0)
}

/** A run as it is remembered; `known` is what its command was known for before. */
export function runOf(observation: Observation, known: Experience | undefined): Run {
  const { announcedThreads, peakBytes, announcedBytes, lifeMs, oomKilled } = observation
  return {
    threads: wantedThreads(observation, known),
    announcedThreads,
    bytes: peakBytes,
    announcedBytes,
    lifeMs,
    oomKilled,
  }
}
