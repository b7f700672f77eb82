import * as z from 'zod'
import { NodeId, ProcessId } from '../config/values/node-id.ts'

/** What a process will want on one node, and where each figure came from (`-Xmx`, `8 runs`, `default`, …). */
export const Demand = z.object({
  threads: z.number().positive(),
  memoryBytes: z.number().int().positive(),
  /** Hard limit for the cgroup; `null` when only a guess would set it. */
  memoryMaxBytes: z.number().int().positive().nullable(),
  threadsFrom: z.string(),
  memoryFrom: z.string(),
  /** Median wall-clock life of earlier runs; `null` when there were none. */
  lifeMs: z.number().nonnegative().nullable().default(null),
  /** What its runs are remembered by; '' in decisions of versions that did not learn. */
  key: z.string().default(''),
  /** What the command itself announces, by a flag: only runs that did so too are compared with it. */
  announcedThreads: z.number().positive().nullable().default(null),
  announcedBytes: z.number().int().positive().nullable().default(null),
})
export type Demand = z.output<typeof Demand>

/** One node that could take the process: its score (lower is better) and the terms that add up to it. */
export const Candidate = z.object({
  node: NodeId,
  name: z.string(),
  demand: Demand,
  score: z.number(),
  terms: z.record(z.string(), z.number()),
})
export type Candidate = z.output<typeof Candidate>

/** One node that could not, and the named reason with its numbers. */
export const Filtered = z.object({ node: NodeId, name: z.string(), reason: z.string(), detail: z.string() })
export type Filtered = z.output<typeof Filtered>

/** The whole decision, kept with the process: `godwit why ID --json`. Candidates are best first. */
export const Decision = z.object({
  process: ProcessId,
  command: z.array(z.string()),
  atMs: z.number(),
  seed: z.number(),
  chosen: NodeId.nullable(),
  candidates: z.array(Candidate),
  filtered: z.array(Filtered),
  /** How many more of each there were than are kept here, the filtered by reason too; absent when all are. */
  omitted: z
    .object({
      candidates: z.number().int().nonnegative(),
      filtered: z.number().int().nonnegative(),
      reasons: z.record(z.string(), z.number().int().positive()),
    })
    .optional(),
})
export type Decision = z.output<typeof Decision>
