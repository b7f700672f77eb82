import * as z from 'zod'

/**
 * A process of this host (not one of ours on a node) that cannot be mistaken for another: its number and the clock ticks after boot at which it started
 * (field 22 of /proc/PID/stat). The kernel reuses numbers; never the pair.
 */
export const HostProcess = z.strictObject({
  pid: z.number().int().positive(),
  startTicks: z.number().int().nonnegative(),
})
export type HostProcess = z.output<typeof HostProcess>

/** What /proc/PID/stat says of a process: who it is, and its state letter (proc(5)). */
export type ProcessStat = { readonly id: HostProcess; readonly state: string }

/** Reads one /proc/PID/stat line; `undefined` when it is none. The name in it may hold spaces and brackets. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const nameEnd = text.lastIndexOf(')')
  const pid = Number.parseInt(text, 10)
  // What follows the name starts with field 3, so field 22 is the 20th of them.
  const fields = text.slice(nameEnd + 2).split(' ')
  const state = fields[0]
  const startTicks = Number(fields[19])
  if (nameEnd < 0 || !state || !Number.isInteger(pid) || !Number.isInteger(startTicks)) return undefined
  return { id: { pid, startTicks }, state }
}

/** Whether the process that `id` was is still at work. A zombie (Z) or dead (X) one has ended: nobody reaped it. */
export function isAlive(id: HostProcess, stat: ProcessStat | undefined): boolean {
  if (stat === undefined || stat.id.pid !== id.pid || stat.id.startTicks !== id.startTicks) return false
  return stat.state !== 'Z' && stat.state !== 'X'
}

/** Name of the environment variable by which processes of a lab are found again when no record names them. */
export const LAB_MARK = 'LAB_OF_GODWIT'

/** Whether a process with this environment (/proc/PID/environ) belongs to the lab `labId`. */
export function hasLabMark(environ: string, labId: string): boolean {
  return environ.split('\0').includes(`${LAB_MARK}=${labId}`)
}
