import * as z from 'zod'
import { NodeId } from '../../config/values/node-id.ts'

/** How a node's processes did against other runs of the same commands. */
export const NodeSpeed = z.object({
  node: NodeId,
  /** Mean of log(usual work / work here): above 0 it is faster than its benchmark says. */
  logFactor: z.number(),
  /** How many runs speak. */
  runs: z.number().int().nonnegative(),
  lastSeenMs: z.number(),
})
export type NodeSpeed = z.output<typeof NodeSpeed>

/**
 * Weight of one run in the moving mean: inputs of one command differ by far more than nodes do. Lives that spread by
 * a factor of two leave the mean 3 % unsure at this weight, and 7 % at 0.05, which misplaces more than it corrects.
 */
const STEP = 0.01
/** One odd run counts no more than one that took 1.65 times as long. */
const MAX_RESIDUAL = 0.5
/** Runs that the benchmark is worth against them. */
const PRIOR_RUNS = 100
/** Runs of a command before others are compared with its mean. */
const MIN_RUNS_OF_KEY = 3
/** The benchmark is believed within these factors, whatever the runs say (icecream's pessimism is 20 % as well). */
const SLOWEST = 0.8
const FASTEST = 1.2

/** What the benchmark of a node is to be multiplied by, 0.8 to 1.2. */
export function speedFactor(speed: NodeSpeed | undefined): number {
  if (speed === undefined) return 1
  const { logFactor, runs } = speed
  return Math.min(FASTEST, Math.max(SLOWEST, Math.exp((logFactor * runs) / (runs + PRIOR_RUNS))))
}

/**
 * Logarithm of the work a run did: the processor seconds it would have taken at speed 1, by what we believe of the
 * node's speed. `null` when that or its processor time is not known.
 */
export function logWorkOf(
  cpuSeconds: number | null,
  benchmark: number | null,
  speed: NodeSpeed | undefined,
): number | null {
  if (cpuSeconds === null || cpuSeconds <= 0 || benchmark === null || benchmark <= 0) return null
  return Math.log(cpuSeconds * benchmark * speedFactor(speed))
}

/**
 * The speed of `node` after a run of work `logWork` by a command whose runs are `usual`. A command is compared only with
 * itself: what is long and what is short says nothing of a node (icecream compares all, so that whoever compiles
 * templates has a fast machine: icecream issue 458).
 */
export function learnSpeed(
  before: NodeSpeed | undefined,
  node: NodeId,
  logWork: number,
  usual: { readonly logWork: number; readonly workRuns: number },
  nowMs: number,
): NodeSpeed | undefined {
  if (usual.workRuns < MIN_RUNS_OF_KEY) return before
  const { logFactor, runs } = before ?? { logFactor: 0, runs: 0 }
  // `logWork` believes in the factor already, so its distance to the usual is what the factor still lacks.
  const lacking = usual.logWork - logWork
  const residual = Math.min(MAX_RESIDUAL, Math.max(-MAX_RESIDUAL, lacking))
  const limit = Math.log(FASTEST / SLOWEST)
  const moved = logFactor + Math.max(STEP, 1 / (runs + PRIOR_RUNS)) * residual
  return {
    node,
    logFactor: Math.min(limit, Math.max(-limit, moved)),
    runs: runs + 1,
    lastSeenMs: nowMs,
  }
}
