import type { Readable, Writable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { ProcessId } from '../../config/values/node-id.ts'
import { createFrameParser, encodeFrame, encodeJsonFrame } from '../../protocol/frame-codec.ts'
import { type RefusedPayload, STREAM_CHUNK_BYTES, type StartPayload } from '../../protocol/frames.ts'
import type { Log } from '../../protocol/log.ts'
import {
  NEW_SESSION,
  type SessionAction,
  type SessionStep,
  stepAnswered,
  stepConsumed,
  stepFrame,
  stepStarted,
} from './session.ts'
import type { Ended } from './supervise.ts'

/** A running process as its deputy's connection sees it. */
export type Attached = {
  readonly id: ProcessId
  readonly pid: number
  readonly startedAtMs: number
  readonly cwd: string
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  signal(name: string): string | undefined
  end(): void
  readonly ended: Promise<Ended & { readonly endedAtMs: number }>
}

/** What became of a `start` frame. */
export type StartResult =
  | { readonly kind: 'attached'; readonly process: Attached }
  | { readonly kind: 'refused'; readonly refusal: RefusedPayload }

/** A deputy that says nothing for this long is none. */
const START_TIMEOUT_MS = 10_000
/** A refused deputy has read its answer by then; one that stays would hold a connection for ever. */
const REFUSED_LINGER_MS = 2000

/** Serves one deputy: its frames go to `start` and to the process, the process's output and end go back. */
export function serveDeputy(
  socket: TLSSocket,
  start: (payload: StartPayload) => Promise<StartResult>,
  log: Log,
): void {
  const parser = createFrameParser()
  let session = NEW_SESSION
  let attached: Attached | undefined
  let answered = false
  let silence = setTimeout(() => socket.destroy(), START_TIMEOUT_MS)

  function follow(step: SessionStep): void {
    session = step.session
    for (const action of step.actions) act(action)
  }

  function act(action: SessionAction): void {
    switch (action.kind) {
      case 'start':
        clearTimeout(silence)
        start(action.payload).then(started, (error: Error) => {
          log.error({ error }, 'start failed')
          socket.destroy()
        })
        return
      case 'write-stdin':
        attached?.stdin.write(action.bytes, error => {
          if (!error) follow(stepConsumed(session, action.bytes.length))
        })
        return
      case 'end-stdin':
        attached?.stdin.end()
        return
      case 'signal': {
        const problem = attached?.signal(action.signal)
        if (problem !== undefined) log.warn({ process: attached?.id, problem }, 'signal not sent')
        return
      }
      case 'grant':
        socket.write(encodeJsonFrame('credit', { bytes: action.bytes }))
        return
      case 'violation':
        log.warn({ code: 'GW_BAD_MESSAGE', reason: action.reason, process: attached?.id }, 'deputy dropped')
        socket.destroy()
    }
  }

  function started(result: StartResult): void {
    if (result.kind === 'refused') {
      last('refused', result.refusal)
      silence = setTimeout(() => socket.destroy(), REFUSED_LINGER_MS)
      return
    }
    const running = result.process
    attached = running
    if (socket.destroyed) running.end()
    socket.write(
      encodeJsonFrame('started', {
        id: running.id,
        pid: running.pid,
        startedAtMs: running.startedAtMs,
        cwd: running.cwd,
      }),
    )
    // The process may close its input, or end, at any time: EPIPE is no news.
    running.stdin.on('error', () => undefined)
    pump(running, socket)
    running.ended.then(
      ended => last('ended', ended),
      (error: Error) => log.error({ error, process: running.id }, 'end of a process not seen'),
    )
    follow(stepStarted(session))
  }

  function last(type: 'refused' | 'ended', payload: unknown): void {
    answered = true
    follow(stepAnswered())
    socket.end(encodeJsonFrame(type, payload))
  }

  socket.on('data', bytes => {
    const { frames, violation } = parser.push(bytes)
    for (const frame of frames) follow(stepFrame(session, frame))
    if (violation) act(violation)
  })
  socket.on('error', error => {
    // A deputy that has its answer may hang up as it likes.
    if (!answered) log.info({ error, process: attached?.id }, 'deputy connection broke')
  })
  socket.on('close', () => {
    clearTimeout(silence)
    attached?.end()
  })
}

/** Output goes out as it comes; when the deputy does not take it, the pipes fill and the process waits, as at home. */
function pump(process: Attached, socket: TLSSocket): void {
  const streams = [
    ['stdout', process.stdout],
    ['stderr', process.stderr],
  ] as const
  const all = (act: (stream: Readable) => unknown) => streams.forEach(([, stream]) => void act(stream))
  for (const [type, stream] of streams) {
    stream.on('error', () => stream.destroy())
    stream.on('data', (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length; at += STREAM_CHUNK_BYTES) {
        const whole = socket.write(encodeFrame(type, bytes.subarray(at, at + STREAM_CHUNK_BYTES)))
        if (!whole && !socket.destroyed) all(other => other.pause())
      }
    })
  }
  socket.on('drain', () => all(stream => stream.resume()))
  // With nobody to read for, the pipes must not block what is being ended.
  socket.on('close', () => all(stream => stream.resume()))
}
