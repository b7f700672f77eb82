import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  NEW_SESSION,
  type Session,
  type SessionAction,
  stepAnswered,
  stepConsumed,
  stepFrame,
  stepStarted,
} from '../../../agent/exec/session.ts'
import { type Frame, type FrameType, STDIN_CREDIT_BYTES } from '../../../protocol/frames.ts'
import { specOf } from '../scene.ts'

const json = (type: FrameType, value: unknown): Frame => ({
  type,
  payload: new TextEncoder().encode(JSON.stringify(value)),
})
const start = json('start', { ticket: 't', spec: specOf(['cat']) })
const sigint = json('signal', { signal: 'SIGINT' })
const stdin = (bytes: number): Frame => ({ type: 'stdin', payload: new Uint8Array(bytes) })
const stdinEnd: Frame = { type: 'stdinEnd', payload: new Uint8Array(0) }

/** Plays frames and events; answers the last session and all actions by kind. */
function play(...events: readonly (Frame | 'started' | number)[]): { session: Session; kinds: string[] } {
  let session = NEW_SESSION
  const actions: SessionAction[] = []
  for (const event of events) {
    const step =
      event === 'started'
        ? stepStarted(session)
        : typeof event === 'number'
          ? stepConsumed(session, event)
          : stepFrame(session, event)
    session = step.session
    actions.push(...step.actions)
  }
  return { session, kinds: actions.map(({ kind }) => kind) }
}

describe('a session', () => {
  test.each([
    ['starts', [start], ['start']],
    ['grants credit when the process runs', [start, 'started'], ['start', 'grant']],
    ['keeps an early signal until then', [start, sigint, 'started'], ['start', 'grant', 'signal']],
    [
      'passes input and its end',
      [start, 'started', stdin(3), stdinEnd],
      ['start', 'grant', 'write-stdin', 'end-stdin'],
    ],
    [
      'passes signals after the end of input',
      [start, 'started', stdinEnd, sigint],
      ['start', 'grant', 'end-stdin', 'signal'],
    ],
    [
      'grants again by chunks',
      [start, 'started', stdin(70_000), 1000, 69_000],
      ['start', 'grant', 'write-stdin', 'grant'],
    ],
    [
      'grants nothing after the end of input',
      [start, 'started', stdin(70_000), stdinEnd, 70_000],
      ['start', 'grant', 'write-stdin', 'end-stdin'],
    ],
  ] as const)('%s', (_name, events, kinds) => {
    expect(play(...events).kinds).toEqual(kinds)
  })

  test.each([
    ['a second start', [start, start]],
    ['a signal before start', [sigint]],
    ['input before start', [stdin(1)]],
    ['input before the process runs', [start, stdin(1)]],
    ['input after its end', [start, 'started', stdinEnd, stdin(1)]],
    ['two ends of input', [start, 'started', stdinEnd, stdinEnd]],
    ['more input than granted', [start, 'started', stdin(STDIN_CREDIT_BYTES), stdin(1)]],
    ['a frame only agents send', [start, 'started', json('credit', { bytes: 1 })]],
    ['a start without a spec', [json('start', { ticket: 't' })]],
    ['a NUL in an argument', [json('start', { ticket: 't', spec: specOf(['a\0b']) })]],
    ['a NUL in a variable', [json('start', { ticket: 't', spec: specOf(['a'], { env: { A: '\0' } }) })]],
    ['a signal that is no name', [start, 'started', json('signal', { signal: 'INT; rm' })]],
  ] as const)('ends at %s', (_name, events) => {
    const { session, kinds } = play(...events)
    expect([session.phase, kinds.at(-1)]).toEqual(['closed', 'violation'])
  })

  test('keeps each early signal once, and at most 32 of them', () => {
    const names = Array.from({ length: 100 }, (_, number) => json('signal', { signal: `SIG${number % 50}` }))
    const { kinds } = play(start, sigint, sigint, ...names, 'started')
    expect(kinds.filter(kind => kind === 'signal')).toHaveLength(32)
  })

  test('that has answered hears nothing more', () => {
    const { session } = stepAnswered()
    for (const frame of [start, sigint, stdin(1), stdinEnd])
      expect(stepFrame(session, frame)).toEqual({ session, actions: [] })
  })

  test('never has more input in flight than the window, however it is consumed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 100_000 }), { maxLength: 60 }), sizes => {
        let { session } = play(start, 'started')
        let inFlight = 0
        for (const size of sizes) {
          if (session.phase !== 'running') throw new Error('left running')
          const bytes = Math.min(size, session.creditBytes)
          if (bytes > 0) session = stepFrame(session, stdin(bytes)).session
          inFlight += bytes
          expect(inFlight).toBeLessThanOrEqual(STDIN_CREDIT_BYTES)
          const consumed = Math.min(inFlight, Math.ceil(size / 2))
          session = stepConsumed(session, consumed).session
          inFlight -= consumed
        }
      }),
    )
  })
})
