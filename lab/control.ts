import * as z from 'zod'
import { LabCpus, LabFirmware, LabMachineName, LabMemoryMiB, LabNic } from '../config/lab.ts'

/** One line to the supervisor's control socket: what to do with the running lab. */
export const ControlRequest = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('power-on'), name: LabMachineName }),
  /** Pulls the plug: nothing in the machine is asked. */
  z.strictObject({ op: z.literal('power-off'), name: LabMachineName }),
  /** Adds a machine and switches it on; what is left out is as in the lab's own configuration. */
  z.strictObject({
    op: z.literal('add-machine'),
    name: LabMachineName.optional(),
    firmware: LabFirmware,
    nic: LabNic.optional(),
    memoryMiB: LabMemoryMiB.optional(),
    cpus: LabCpus.optional(),
  }),
  /** Kills the server with SIGKILL and starts it again: the crash it must survive. */
  z.strictObject({ op: z.literal('restart-server') }),
])
export type ControlRequest = z.output<typeof ControlRequest>

/** The supervisor's answer, one line: `name` is the machine concerned, or `server`. */
export const ControlReply = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('done'), name: z.string() }),
  z.strictObject({ kind: z.literal('refused'), reason: z.string() }),
])
export type ControlReply = z.output<typeof ControlReply>

/** The longest request or reply line that is read. */
export const CONTROL_LINE_MAX_CHARS = 4096

/** A control line read: the request, or why it is none. */
export type ControlLine =
  | { readonly kind: 'request'; readonly request: ControlRequest }
  | { readonly kind: 'bad'; readonly reason: string }

/** Reads one line (without its newline) of the control socket. */
export function parseControlLine(line: string): ControlLine {
  if (line.length > CONTROL_LINE_MAX_CHARS) return { kind: 'bad', reason: 'the line is too long' }
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return { kind: 'bad', reason: 'the line is not JSON' }
  }
  const parsed = ControlRequest.safeParse(json)
  if (parsed.success) return { kind: 'request', request: parsed.data }
  return { kind: 'bad', reason: z.prettifyError(parsed.error) }
}
