import * as z from 'zod'
import { NodeId, ProcessId } from '../config/values/node-id.ts'

/**
 * Where a process of ours stands. `placed`: decided, ticket given, not yet seen running. `ended` and `refused`
 * are final. `lost` means the node vanished, so nobody knows the status; it is taken back only when the same boot of
 * that node comes back and tells of the process.
 */
export const ProcessState = z.enum(['placed', 'running', 'ended', 'refused', 'lost'])
export type ProcessState = z.output<typeof ProcessState>

/** How a process ended: a status 0..255 or the name of the signal that killed it. */
export const Ending = z.object({
  exitStatus: z.number().int().nullable(),
  signal: z.string().nullable(),
  oomKilled: z.boolean(),
})
export type Ending = z.output<typeof Ending>

/** What a process used; counted by its cgroup over all its descendants. `null` where the kernel does not count it. */
export const Usage = z.object({
  cpuSeconds: z.number().nonnegative(),
  memoryBytes: z.number().int().nonnegative().nullable(),
  peakMemoryBytes: z.number().int().nonnegative().nullable(),
  threads: z.number().int().nonnegative(),
  peakThreads: z.number().int().nonnegative(),
})
export type Usage = z.output<typeof Usage>

/** A name for a process: a word that is no id, so that it may stand wherever an id may. */
export const ProcessName = z
  .string()
  .regex(
    /^(?!p-|last$)[A-Za-z][\w.-]{0,63}$/,
    'a letter, then up to 63 letters, digits or ._-; not p-… and not last',
  )
export type ProcessName = z.output<typeof ProcessName>

/** One process as the store keeps it and `godwit ps --json` prints it. `placements` is 1 for every process that ran. */
export const ProcessRecord = z.object({
  id: ProcessId,
  /** What whoever started it calls it (`--name`); absent when it has no name. */
  name: ProcessName.optional(),
  command: z.array(z.string()),
  node: NodeId,
  nodeName: z.string(),
  /** The kernel's id of the boot it was placed in (the `kernelBootId` of that node's agent). */
  bootId: z.string(),
  home: z.string(),
  uid: z.number().int(),
  state: ProcessState,
  placements: z.number().int(),
  /** What placement counted on until a report told better. */
  reservedBytes: z.number().int(),
  /** Memory it was allowed, its cgroup's memory.max; `null` without a limit, absent in records from before. */
  memoryMaxBytes: z.number().int().positive().nullable().optional(),
  reservedThreads: z.number(),
  placedAtMs: z.number(),
  startedAtMs: z.number().nullable(),
  endedAtMs: z.number().nullable(),
  pid: z.number().int().nullable(),
  ending: Ending.nullable(),
  usage: Usage.nullable(),
  reason: z.string().nullable(),
  retryOf: ProcessId.nullable(),
  /** The process, lost or ended, whose program was started again as this one; absent where it was not. */
  rerunOf: ProcessId.optional(),
  /** Whether it was left to itself (`--detach`), its output kept on its node; absent when not. */
  detached: z.boolean().optional(),
  /** How long it may take, counted from `placedAtMs`; absent without a limit. */
  timeoutMs: z.number().int().positive().optional(),
})
export type ProcessRecord = z.output<typeof ProcessRecord>
