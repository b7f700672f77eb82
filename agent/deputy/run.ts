import type { Duplex, Readable, Writable } from 'node:stream'
import type { RunGrant } from '../../protocol/admin.ts'
import { createFrameParser, encodeFrame, encodeJsonFrame } from '../../protocol/frame-codec.ts'
import type { RefusedPayload } from '../../protocol/frames.ts'
import type { Ending, Usage } from '../../protocol/process.ts'
import type { RunSpec } from '../../protocol/run-spec.ts'
import { type DeputyAction, type DeputyPhase, stepAgentFrame } from './conversation.ts'
import { sendInput } from './input.ts'
import { createOutput } from './output.ts'

/** Signals that people send to end a program, and how many of them a silent node may leave without effect. */
const ENDING_SIGNALS: ReadonlySet<string> = new Set(['SIGINT', 'SIGTERM'])
const PATIENCE = 3

/** Something a watcher wants to know at once; times are the agent's, milliseconds since the epoch. */
export type DeputyEvent =
  | {
      readonly kind: 'started'
      readonly id: string
      readonly pid: number
      readonly startedAtMs: number
      readonly cwd: string
    }
  | { readonly kind: 'ended'; readonly ending: Ending; readonly usage: Usage; readonly endedAtMs: number }

/** What the deputy stands in for, and where. */
export type DeputyOptions = {
  readonly grant: RunGrant
  readonly spec: RunSpec
  /** A verified connection to the agent, from `connectDirect` or `secure`. */
  readonly connect: () => Promise<Duplex>
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Calls back with names such as `SIGINT` for every signal we get; answers how to stop that. */
  readonly signals: (listener: (signal: string) => void) => () => void
  readonly onEvent?: (event: DeputyEvent) => void
}

/**
 * How it went. `refused`: nothing was started. `lost`: the connection broke; only in phase `connect` is it certain
 * that nothing was started, in the others nobody knows, and the agent ends the process when it notices. The third
 * INT or TERM in a row on which the node said nothing counts as lost: TCP would keep them for a quarter of an hour.
 */
export type DeputyResult =
  | { readonly kind: 'ended'; readonly ending: Ending; readonly usage: Usage }
  | { readonly kind: 'refused'; readonly refusal: RefusedPayload }
  | { readonly kind: 'lost'; readonly phase: 'connect' | 'start' | 'running'; readonly reason: string }

/** Stands in for one process from its start to its end. Never rejects. */
export async function runDeputy(options: DeputyOptions): Promise<DeputyResult> {
  let connection: Duplex
  try {
    connection = await options.connect()
  } catch (error) {
    return { kind: 'lost', phase: 'connect', reason: (error as Error).message }
  }
  return await converse(connection, options)
}

function converse(connection: Duplex, options: DeputyOptions): Promise<DeputyResult> {
  const { grant, spec, stdin, onEvent } = options
  const parser = createFrameParser()
  let phase: DeputyPhase = 'asked'
  let failure: string | undefined
  let unanswered = 0

  const sendSignal = (signal: string): void => {
    if (phase !== 'done') connection.write(encodeJsonFrame('signal', { signal }))
  }
  /** Both streams share the connection: it rests while either of them is full. */
  const resume = (): void => {
    if (!outputs.stdout.full() && !outputs.stderr.full()) connection.resume()
  }
  const broken = (): void => sendSignal('SIGPIPE')
  const outputs = {
    stdout: createOutput(options.stdout, resume, broken),
    stderr: createOutput(options.stderr, resume, broken),
  }
  const input = sendInput(
    stdin,
    bytes => void connection.write(encodeFrame('stdin', bytes)),
    () => void connection.write(encodeFrame('stdinEnd', new Uint8Array(0))),
  )

  return new Promise(resolve => {
    const finish = async (result: DeputyResult): Promise<void> => {
      phase = 'done'
      unsubscribe()
      input.stop()
      connection.destroy()
      await Promise.all([outputs.stdout.flushed(), outputs.stderr.flushed()])
      resolve(result)
    }
    const lost = (reason: string): void => {
      const where = phase === 'asked' ? 'start' : 'running'
      if (phase !== 'done') void finish({ kind: 'lost', phase: where, reason })
    }

    function act(action: DeputyAction): void {
      switch (action.kind) {
        case 'started':
          onEvent?.({ kind: 'started', ...action.payload })
          break
        case 'refused':
          void finish({ kind: 'refused', refusal: action.payload })
          break
        case 'ended': {
          const { ending, usage } = action.payload
          onEvent?.({ kind: 'ended', ...action.payload })
          void finish({ kind: 'ended', ending, usage })
          break
        }
        case 'credit':
          input.credit(action.bytes)
          break
        case 'stdout':
        case 'stderr':
          outputs[action.kind].write(action.bytes)
          if (outputs[action.kind].full()) connection.pause()
          break
        case 'violation':
          lost(`the agent broke the protocol: ${action.reason}`)
      }
    }

    const unsubscribe = options.signals(signal => {
      sendSignal(signal)
      if (ENDING_SIGNALS.has(signal)) unanswered += 1
      if (unanswered >= PATIENCE) lost(`no answer to ${PATIENCE} signals`)
    })
    connection.on('data', (bytes: Uint8Array) => {
      unanswered = 0
      const { frames, violation } = parser.push(bytes)
      for (const frame of frames) {
        const step = stepAgentFrame(phase, frame)
        if (step.action.kind !== 'violation') phase = step.phase
        act(step.action)
      }
      if (violation) act(violation)
    })
    connection.on('error', error => {
      failure = error.message
    })
    connection.on('close', () => lost(failure ?? 'the node closed the connection'))
    connection.write(encodeJsonFrame('start', { ticket: grant.ticket, spec }))
  })
}
