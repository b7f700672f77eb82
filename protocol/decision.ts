import * as z from 'zod'
import { NodeId, ProcessId } from '../config/values/node-id.ts'

/** What a process will want on one node, and where each figure came from (`-Xmx`, `default`, …). */
export const Demand = z.object({
  threads: z.number().positive(),
  memoryBytes: z.number().int().positive(),
  /** Hard limit for the cgroup; `null` when only a guess would set it. */
  memoryMaxBytes: z.number().int().positive().nullable(),
  threadsFrom: z.string(),
  memoryFrom: z.string(),
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
})
export type Decision = z.output<typeof Decision>
