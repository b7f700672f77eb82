import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type DeputyPhase, stepAgentFrame } from '../../../agent/deputy/conversation.ts'
import { FRAME_TYPES, type Frame, type FrameType } from '../../../protocol/frames.ts'

const started = { id: 'p-0123456789', pid: 7, startedAtMs: 1, cwd: '/' }
const refused = { kind: 'not-found', code: 'GW_EXEC_NOT_FOUND', message: 'x: not found' }
const usage = { cpuSeconds: 0, memoryBytes: null, peakMemoryBytes: null, threads: 0, peakThreads: 1 }
const ended = { ending: { exitStatus: 7, signal: null, oomKilled: false }, usage, endedAtMs: 2 }
const octets = Uint8Array.of(104, 105)

const frame = (type: FrameType, payload: unknown): Frame => ({
  type,
  payload: payload instanceof Uint8Array ? payload : new TextEncoder().encode(JSON.stringify(payload)),
})

test.each<[DeputyPhase, FrameType, unknown, DeputyPhase, unknown]>([
  ['asked', 'started', started, 'running', { kind: 'started', payload: started }],
  ['asked', 'refused', refused, 'done', { kind: 'refused', payload: refused }],
  ['running', 'stdout', octets, 'running', { kind: 'stdout', bytes: octets }],
  ['running', 'stderr', octets, 'running', { kind: 'stderr', bytes: octets }],
  ['running', 'credit', { bytes: 65_536 }, 'running', { kind: 'credit', bytes: 65_536 }],
  ['running', 'ended', ended, 'done', { kind: 'ended', payload: ended }],
])('while %s, %s is taken', (phase, type, payload, next, action) => {
  expect(stepAgentFrame(phase, frame(type, payload))).toEqual({ phase: next, action })
})

describe('a violation', () => {
  const inTurn = new Set([
    ...['asked started', 'asked refused'],
    ...['stdout', 'stderr', 'credit', 'ended'].map(type => `running ${type}`),
  ])
  const phases: readonly DeputyPhase[] = ['asked', 'running', 'done']
  const types = Object.keys(FRAME_TYPES) as readonly FrameType[]
  const outOfTurn = phases.flatMap(phase =>
    types.flatMap(type => (inTurn.has(`${phase} ${type}`) ? [] : [[type, phase] as const])),
  )

  test.each(outOfTurn)('%s while %s', (type, phase) => {
    expect(stepAgentFrame(phase, frame(type, {}))).toEqual({
      phase: 'done',
      action: { kind: 'violation', reason: `${type} while ${phase}` },
    })
  })

  test.each<[string, DeputyPhase, FrameType, unknown]>([
    ['text that is not JSON', 'asked', 'started', octets],
    ['a field of another kind', 'asked', 'started', { ...started, pid: 'seven' }],
    ['a refusal without a code', 'asked', 'refused', { ...refused, code: undefined }],
    ['credit for nothing', 'running', 'credit', { bytes: 0 }],
    ['an end without an ending', 'running', 'ended', { ...ended, ending: undefined }],
  ])('%s', (_, phase, type, payload) => {
    expect(stepAgentFrame(phase, frame(type, payload))).toMatchObject({
      phase: 'done',
      action: { kind: 'violation', reason: expect.stringMatching(/^payload/) },
    })
  })
})

test('nothing an agent sends makes it throw, and nothing is done before the start', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...(Object.keys(FRAME_TYPES) as FrameType[])),
      fc.oneof(
        fc.uint8Array(),
        fc.json().map(json => new TextEncoder().encode(json)),
      ),
      (type, payload) => {
        const { phase, action } = stepAgentFrame('asked', { type, payload })
        if (phase !== 'done') expect(action.kind).toBe('started')
      },
    ),
  )
})
