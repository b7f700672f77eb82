import * as z from 'zod'
import type { Scenario } from '../scenario.ts'

const Positive = z.number().positive()

/** A list of machines and jobs that somebody recorded or wrote; the format of `godwit simulate --arrivals`. */
const ArrivalList = z.strictObject({
  nodes: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        cores: Positive,
        speed: Positive.default(1).describe('Of one core; 1 is one core of the reference machine'),
        memoryBytes: z.number().int().positive(),
      }),
    )
    .min(1),
  jobs: z
    .array(
      z.strictObject({
        arrivalS: z.number().min(0),
        workS: Positive.describe('Of all its threads together, in seconds of one reference core'),
        threads: Positive.default(1),
        memoryBytes: z.number().int().positive(),
        hintBytes: z.number().int().positive().nullable().default(null),
        command: z.array(z.string()).min(1).default(['job']),
        home: z.string().nullable().default(null),
      }),
    )
    .min(1),
})

/** The scenario of a list, or why it is none. */
export type ReadArrivals =
  | { readonly kind: 'scenario'; readonly scenario: Scenario }
  | { readonly kind: 'malformed'; readonly problems: readonly string[] }

/** Reads a parsed JSON document; jobs may be in any order, and are numbered in the order of their arrival. */
export function readArrivals(document: unknown): ReadArrivals {
  const parsed = ArrivalList.safeParse(document)
  if (!parsed.success)
    return {
      kind: 'malformed',
      problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'document'}: ${message}`),
    }
  const { nodes, jobs } = parsed.data
  const names = nodes.map(({ name }) => name)
  const strangers = jobs.flatMap(({ home }, at) =>
    home === null || names.includes(home) ? [] : [`jobs.${at}.home: there is no node ${home}`],
  )
  if (strangers.length > 0) return { kind: 'malformed', problems: strangers }
  const inOrder = jobs.toSorted((a, b) => a.arrivalS - b.arrivalS)
  return {
    kind: 'scenario',
    scenario: {
      machines: nodes,
      jobs: inOrder.map((job, id) => ({
        ...job,
        id,
        home: job.home === null ? null : names.indexOf(job.home),
      })),
    },
  }
}
