import * as z from 'zod'
import { ProcessId } from '../config/values/node-id.ts'
import { Ending, Usage } from './process.ts'
import { RunSpec } from './run-spec.ts'

/**
 * The stream between a deputy and an agent, over one TLS connection per process:
 *
 *      1 octet   4 octets, big-endian   length octets
 *     +-------+------------------------+-------------
 *     | type  | length                 | payload ...
 *     +-------+------------------------+-------------
 *
 * JSON payloads are UTF-8. The first frame is `start`; the agent answers `started` or `refused`, and `ended` is its
 * last. Standard input flows against credit: the deputy may send as many octets as the agent has granted, so a
 * process that does not read can never keep a signal frame from arriving. Output flows against TCP's own window.
 */
export const FRAME_TYPES = {
  start: 1,
  stdin: 2,
  stdinEnd: 3,
  signal: 4,
  started: 16,
  refused: 17,
  stdout: 18,
  stderr: 19,
  credit: 20,
  ended: 21,
} as const
/** A frame's name; its number on the wire is in {@link FRAME_TYPES}. */
export type FrameType = keyof typeof FRAME_TYPES

/** A frame longer than this ends the connection: nobody sends it in good faith (environment and arguments fit 4 MiB). */
export const FRAME_MAX_BYTES = 4 << 20
/** Octets of standard input in flight that an agent grants at the start. */
export const STDIN_CREDIT_BYTES = 256 << 10
/** Largest payload of a stream frame; larger reads are split. */
export const STREAM_CHUNK_BYTES = 64 << 10

/** Payload of `start`. */
export const StartPayload = z.object({ ticket: z.string().max(4096), spec: RunSpec })
export type StartPayload = z.output<typeof StartPayload>
/** Payload of `signal`: a name such as `SIGINT`, sent to the whole process group. */
export const SignalPayload = z.object({
  signal: z
    .string()
    .regex(/^SIG[A-Z0-9]+$/)
    .max(20),
})
/** Payload of `started`. `cwd` is the folder it runs in: `/` where the node has not the one asked for. */
export const StartedPayload = z.object({
  id: ProcessId,
  pid: z.number().int(),
  startedAtMs: z.number(),
  cwd: z.string(),
})
export type StartedPayload = z.output<typeof StartedPayload>
/** Payload of `refused`: nothing was started. `not-found` and `not-executable` map to the shell's 127 and 126. */
export const RefusedPayload = z.object({
  code: z.string(),
  message: z.string(),
  kind: z.enum(['refused', 'not-found', 'not-executable']),
})
export type RefusedPayload = z.output<typeof RefusedPayload>
/** Payload of `credit`: this many more octets of standard input are welcome. */
export const CreditPayload = z.object({ bytes: z.number().int().positive() })
/** Payload of `ended`. */
export const EndedPayload = z.object({ ending: Ending, usage: Usage, endedAtMs: z.number() })
export type EndedPayload = z.output<typeof EndedPayload>

/** One decoded frame. */
export type Frame = { readonly type: FrameType; readonly payload: Uint8Array }
