import * as z from 'zod'
import { Ipv4 } from '../config/values/ipv4.ts'
import { NodeId, ProcessId } from '../config/values/node-id.ts'
import { NodeWish } from './node-wish.ts'
import { ProcessName } from './process.ts'

/**
 * The schema of a request of somebody who waits for the answer: a field that we do not know is a wish that we would
 * not fulfil, so it is refused. Between server and agents, which may differ in age, schemas stay as they are.
 */
export function strict<S extends z.ZodRawShape>(schema: z.ZodObject<S>) {
  return z.strictObject(schema.shape)
}

/** POST /v1/runs: place a process. The spec itself goes to the agent; the server sees its digest and what placement needs. */
export const RunRequest = z.object({
  command: z.array(z.string()).min(1),
  specSha256: z.string().regex(/^[0-9a-f]{64}$/),
  home: z.string(),
  uid: z.number().int().nonnegative(),
  /** The variables placement reads: SIZING_VARIABLES. */
  env: z.record(z.string(), z.string()),
  /** Contents of the `@argfiles` of a `java` command, by the path after the `@`. */
  argFiles: z.record(z.string().max(4096), z.string().max(65_536)).optional(),
  memoryBytes: z.number().int().positive().optional(),
  /** How many threads it will keep busy. */
  threads: z.number().positive().optional(),
  /** Which nodes may be chosen, see node-wish.ts. */
  on: NodeWish.optional(),
  name: ProcessName.optional(),
  /** It is left to itself on its node, which keeps its output. */
  detached: z.boolean().optional(),
  /** How long it may run before the server ends it. */
  timeoutMs: z.number().int().positive().optional(),
  /** Fail where there is no memory now, instead of waiting for some. */
  now: z.boolean().optional(),
  /** Since when it waits, when it asks again after the server went away: it keeps its place in the line. */
  waitingSinceMs: z.number().optional(),
  /** A process that is over and whose program is started again (`--retry`). */
  rerunOf: ProcessId.optional(),
  /** After a node refused: that process, whose node is then left out. */
  retryOf: ProcessId.optional(),
})
export type RunRequest = z.output<typeof RunRequest>

/** Answer to {@link RunRequest}: where, with what right, and how to check that it is the right agent. */
export const RunGrant = z.object({
  process: ProcessId,
  node: z.object({ id: NodeId, name: z.string(), address: Ipv4, port: z.number().int() }),
  ticket: z.string(),
  caPem: z.string(),
  /** The network namespace and boot of the server: a deputy elsewhere on this host goes through the relay. */
  server: z.object({ hostBootId: z.string(), netNamespace: z.string() }),
  reason: z.string(),
})
export type RunGrant = z.output<typeof RunGrant>

/**
 * One line of a run request that waits: POST /v1/runs then answers with lines of JSON (application/x-ndjson), the last
 * of which is a grant or an error. `message` is for people, without a name before it.
 */
export const RunWaiting = z.object({
  waiting: z.object({
    message: z.string(),
    position: z.number().int().positive(),
    memoryBytes: z.number(),
    sinceMs: z.number(),
  }),
})
export type RunWaiting = z.output<typeof RunWaiting>

/** Body of every refusal of the admin API. `details` are lines for people, e.g. one per filtered node. */
export const AdminError = z.object({ code: z.string(), message: z.string(), details: z.array(z.string()) })
export type AdminError = z.output<typeof AdminError>

/**
 * The word in `Upgrade:` that turns GET /v1/nodes/:id/stream into a byte pipe to that node's agent, for a deputy that
 * has no path of its own to it.
 */
export const RELAY_UPGRADE = 'godwit-relay'

/** POST /v1/processes/:id/kill */
export const KillRequest = z.object({ signal: z.string().regex(/^SIG[A-Z0-9]+$/) })

/** GET /v1/status; `address` is that of the first open link, 0.0.0.0 while there is none. */
export const ServerStatus = z.object({
  version: z.string(),
  pid: z.number().int(),
  startedAt: z.number(),
  address: Ipv4,
  links: z.array(
    z.object({
      interface: z.string(),
      address: Ipv4.nullable(),
      problem: z.string().nullable(),
      /** What we are for DHCP there and why; `alarms` are sentences for the operator. */
      dhcp: z
        .object({
          role: z.enum(['nothing', 'authoritative', 'proxy']),
          why: z.string(),
          servers: z.array(Ipv4),
          alarms: z.array(z.string()),
        })
        .nullable(),
    }),
  ),
  ports: z.object({ http: z.number(), api: z.number(), agent: z.number() }),
  channel: z.string(),
  nodes: z.record(z.string(), z.number()),
  counters: z.record(z.string(), z.number()),
})
export type ServerStatus = z.output<typeof ServerStatus>
