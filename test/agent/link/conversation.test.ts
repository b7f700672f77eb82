import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { translateHardware } from '../../../agent/hardware/translate.ts'
import {
  type Conversation,
  type LinkEvent,
  NEW_CONVERSATION,
  stepLink,
} from '../../../agent/link/conversation.ts'
import type { Fact } from '../../../agent/link/outbox.ts'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { Mac } from '../../../config/values/mac.ts'
import { NodeId, ProcessId } from '../../../config/values/node-id.ts'
import type { AgentHello } from '../../../protocol/link.ts'
import { BARE } from '../hardware/fixtures.ts'

const hello: AgentHello = {
  type: 'hello',
  protocol: 1,
  kernelBootId: 'k',
  mac: Mac.parse('52:54:00:77:00:01'),
  ip: Ipv4.parse('10.77.0.20'),
  agentVersion: '0',
  agentPort: 7444,
}
const welcome: LinkEvent = {
  kind: 'received',
  message: {
    type: 'welcome',
    nodeId: NodeId.parse('n-525400770001'),
    name: 'bar-tailed',
    state: 'ready',
    ticketKey: 'k'.repeat(43),
    reportSeconds: 1,
  },
}
const id = (number: number) => ProcessId.parse(`p-${String(number).padStart(10, '0')}`)
const started = (number: number): Fact => ({
  type: 'process-started',
  id: id(number),
  pid: number,
  startedAtMs: 1,
})
const ended = (number: number): Fact => ({
  type: 'process-ended',
  id: id(number),
  startedAtMs: 1,
  endedAtMs: 2,
  ending: { exitStatus: 0, signal: null, oomKilled: false },
  usage: { cpuSeconds: 0, memoryBytes: null, peakMemoryBytes: null, threads: 0, peakThreads: 1 },
})
const ack = (fact: Fact): LinkEvent => ({
  kind: 'received',
  message: { type: 'ack', id: fact.id, of: fact.type },
})
const stage = { type: 'stage', stage: 'agent-start', atMs: 5 } as const
const hardware: LinkEvent = {
  kind: 'hardware',
  hardware: translateHardware(BARE),
  speed: { single: 1, all: 2 },
}

/** Plays `events` from the beginning; answers the end and, by event, what was done: message types or action kinds. */
function play(...events: readonly LinkEvent[]): { conversation: Conversation; done: string[][] } {
  let conversation = NEW_CONVERSATION
  const done = events.map(event => {
    const step = stepLink(conversation, event)
    conversation = step.conversation
    return step.actions.map(action => (action.kind === 'send' ? action.message.type : action.kind))
  })
  return { conversation, done }
}

const connected: LinkEvent = { kind: 'connected', hello }

describe('the link', () => {
  test('greets first; after the welcome come stages, hardware, facts and a report', () => {
    const { done } = play(
      { kind: 'stage', stage },
      hardware,
      { kind: 'fact', fact: started(1) },
      connected,
      welcome,
    )
    expect(done).toEqual([
      [],
      [],
      [],
      ['hello'],
      ['joined', 'stage', 'hardware', 'process-started', 'report'],
    ])
  })

  test('hardware that is ready after the welcome goes out at once', () => {
    expect(play(connected, welcome, hardware).done.at(-1)).toEqual(['hardware'])
  })

  test('stages are told once, hardware on every welcome', () => {
    const { done } = play(
      { kind: 'stage', stage },
      hardware,
      connected,
      welcome,
      { kind: 'closed' },
      connected,
      welcome,
    )
    expect(done.at(-1)).toEqual(['joined', 'hardware', 'report'])
  })

  test('start and end of a process are reported immediately', () => {
    const { done } = play(
      connected,
      welcome,
      { kind: 'fact', fact: started(1) },
      { kind: 'fact', fact: ended(1) },
    )
    expect(done.slice(2)).toEqual([
      ['process-started', 'report'],
      ['process-ended', 'report'],
    ])
  })

  test('a kill and a state change are handed on', () => {
    const kill = { type: 'kill', requestId: 1, id: id(1), signal: 'SIGTERM' } as const
    const { done } = play(
      connected,
      welcome,
      { kind: 'received', message: kill },
      { kind: 'received', message: { type: 'state', state: 'pending' } },
    )
    expect(done.slice(2)).toEqual([['kill'], ['state']])
  })

  test.each([
    ['a refusal', { type: 'refused', code: 'GW_TOKEN_USED', message: 'used' } as const],
    ['a kill before the welcome', { type: 'kill', requestId: 1, id: id(1), signal: 'SIGTERM' } as const],
  ])('%s closes', (_name, message) => {
    expect(play(connected, { kind: 'received', message }).done.at(-1)).toEqual(['close'])
  })

  test('a welcome nobody asked for closes', () => {
    expect(play(connected, welcome, welcome).done.at(-1)).toEqual(['close'])
  })
})

describe('facts', () => {
  const facts = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('fact' as const), fact: fc.integer({ min: 1, max: 4 }).map(started) }),
      fc.record({ kind: fc.constant('fact' as const), fact: fc.integer({ min: 1, max: 4 }).map(ended) }),
      fc.constantFrom<LinkEvent>({ kind: 'closed' }, connected, welcome),
      fc.integer({ min: 1, max: 4 }).map(number => ack(started(number))),
    ),
  )

  test('of an end are sent again after every welcome until acknowledged, whatever happens between', () => {
    fc.assert(
      fc.property(facts, events => {
        const { done } = play(
          { kind: 'fact', fact: ended(9) },
          ...events,
          { kind: 'closed' },
          connected,
          welcome,
        )
        expect(done.at(-1)).toContain('process-ended')
      }),
    )
  })

  test('are gone once acknowledged, and an end replaces its start', () => {
    const { conversation } = play(
      connected,
      welcome,
      { kind: 'fact', fact: started(1) },
      { kind: 'fact', fact: started(2) },
      { kind: 'fact', fact: ended(1) },
      ack(started(2)),
    )
    expect(conversation.outbox).toEqual([ended(1)])
    expect(
      play(connected, welcome, { kind: 'fact', fact: ended(1) }, ack(ended(1))).conversation.outbox,
    ).toEqual([])
  })

  test('an acknowledgement of a start leaves the end', () => {
    const { conversation } = play(connected, welcome, { kind: 'fact', fact: ended(1) }, ack(started(1)))
    expect(conversation.outbox).toEqual([ended(1)])
  })
})
