import { describe, expect, test } from 'vitest'
import { RunGrant } from '../../protocol/admin.ts'
import {
  type DoorAction,
  type DoorEvent,
  NEW_DOOR,
  type PlaceAnswer,
  stepDoor,
} from '../../streams/door-session.ts'
import { creditOutFrame, FRAME, type Frame, frameOf, signalFrame } from '../../streams/frame.ts'
import { type Refusal, refusedFrame } from '../../streams/refusal.ts'
import { decodeTagged, encodeTagged } from '../../streams/tagged.ts'

const grantOf = (name: string): RunGrant =>
  RunGrant.parse({
    process: 'p-0000000001',
    node: { id: 'n-525400770001', name, address: '10.77.0.50', port: 7444 },
    ticket: 'ticket',
    caPem: 'x',
    server: { hostBootId: '', netNamespace: '' },
    reason: 'the only node that fits',
  })
const grant = grantOf('node-1')
const plain = [
  ['A', 'java'],
  ['C', '/'],
  ['u', 0],
  ['g', 0],
  ['G', '0'],
] as const
const request = (explicit: boolean) =>
  frameOf(FRAME.request, encodeTagged(explicit ? plain : [...plain, ['O', 'shim=1']]))

const wished = (...options: readonly string[]) =>
  frameOf(FRAME.request, encodeTagged([...plain, ...options.map(text => ['O', text] as const)]))

const deputy = (frame: Frame, heard = 0): DoorEvent => ({ kind: 'deputy', frame, heard })
const node = (frame: Frame): DoorEvent => ({ kind: 'node', frame })
const answer = (given: PlaceAnswer): DoorEvent => ({ kind: 'answer', answer: given })
const granted = answer({ kind: 'grant', grant })
const started = node(frameOf(FRAME.started, encodeTagged([['p', 1]])))
const out = node(frameOf(FRAME.stdout, Uint8Array.of(1)))
const ended = node(frameOf(FRAME.ended, encodeTagged([['s', 0]])))
const refusal = (kind: Refusal['kind'], message: string) =>
  node(refusedFrame({ kind, code: 'GW_NODE_REFUSED', message }))
const noPlace = answer({
  kind: 'no-place',
  code: 'GW_NO_PLACE',
  message: 'no node',
  details: ['node-1: full'],
})

/** Lets everything happen, and answers what was done, readably: frames by name and text. */
function play(...events: readonly DoorEvent[]): { readonly done: readonly string[]; readonly phase: string } {
  let state = NEW_DOOR
  const done: string[] = []
  for (const event of events) {
    const next = stepDoor(state, event)
    state = next.state
    done.push(...next.actions.map(describeAction))
  }
  return { done, phase: state.phase }
}

function describeAction(action: DoorAction): string {
  switch (action.kind) {
    case 'ask':
      return action.after === undefined ? 'ask' : `ask after ${action.after.node.name}`
    case 'open':
      return `open ${action.grant.node.name} with ${action.early.length} early`
    case 'to-node':
    case 'to-deputy': {
      const decoded = action.frame.type >= FRAME.home ? decodeTagged(action.frame.payload) : undefined
      const texts =
        decoded?.kind === 'tagged' ? decoded.strings.map(({ value }) => Buffer.from(value).toString()) : []
      return [action.kind, action.frame.type, ...texts].join(' ')
    }
    case 'refused':
      return `refused by ${action.grant.node.name}: ${action.refusal.message}`
    case 'violation':
      return `violation: ${action.reason}`
    default:
      return action.kind
  }
}

const PLACED = 'to-deputy 35 p-0000000001 node-1 the only node that fits'

describe('a run at its door', () => {
  test('is placed, started, relayed both ways, and ended', () => {
    const input = frameOf(FRAME.stdin, Uint8Array.of(1))
    const events = [deputy(request(false)), granted, started, deputy(input), out, ended]
    expect(play(...events)).toEqual({
      done: [
        'ask',
        'open node-1 with 0 early',
        PLACED,
        'to-deputy 16',
        'to-node 2',
        'to-deputy 18',
        'to-deputy 21',
        'close-channel',
        'hang-up',
      ],
      phase: 'over',
    })
  })

  test('with --here is run at home, and nobody is asked', () => {
    expect(play(deputy(wished('here=1')))).toEqual({
      done: ['to-deputy 32 asked for by --here', 'hang-up'],
      phase: 'over',
    })
  })

  test('takes signals early, for whoever will run it', () => {
    const { done } = play(
      deputy(request(true)),
      deputy(signalFrame(15)),
      deputy(creditOutFrame(1, 9)),
      granted,
    )
    expect(done.at(-2)).toBe('open node-1 with 2 early')
  })

  test('says that it waits, and goes on waiting', () => {
    const waiting = answer({ kind: 'waiting', message: 'waiting for memory' })
    expect(play(deputy(request(true)), waiting, granted).done).toEqual([
      'ask',
      'to-deputy 33 waiting for memory',
      'open node-1 with 0 early',
      PLACED,
    ])
  })

  test('goes home without an answer if a shim asked, and only then', () => {
    const noAnswer: DoorEvent = { kind: 'no-answer' }
    expect(play(deputy(request(false)), noAnswer, granted).done).toEqual([
      'ask',
      'cancel',
      'to-deputy 32 the server does not answer',
      'hang-up',
    ])
    expect(play(deputy(request(true)), noAnswer, granted).done.at(-1)).toBe(PLACED)
    expect(play(deputy(request(false)), granted, noAnswer, started).done.at(-1)).toBe('to-deputy 16')
  })

  test('is given up with its deputy, whatever it was doing', () => {
    const gone: DoorEvent = { kind: 'deputy-gone' }
    expect(play(deputy(request(true)), gone).done).toEqual(['ask', 'cancel'])
    expect(play(deputy(request(true)), granted, gone).done.at(-1)).toBe('close-channel')
    expect(play(deputy(request(true)), granted, started, gone).done.at(-1)).toBe('close-channel')
    expect(play(deputy(request(true)), gone, granted, started, ended).done).toEqual(['ask', 'cancel'])
  })
})

describe('a run that is not started', () => {
  test('is offered to the next best once, then a shim runs it at home', () => {
    const second = answer({ kind: 'grant', grant: grantOf('node-2') })
    const full = refusal('refused', 'full')
    const { done, phase } = play(deputy(request(false)), granted, full, second, refusal('refused', 'too'))
    expect(done).toEqual([
      'ask',
      'open node-1 with 0 early',
      PLACED,
      'refused by node-1: full',
      'close-channel',
      'ask after node-1',
      'open node-2 with 0 early',
      'to-deputy 35 p-0000000001 node-2 the only node that fits',
      'refused by node-2: too',
      'close-channel',
      'to-deputy 32 too',
      'hang-up',
    ])
    expect(phase).toBe('over')
  })

  test('fails with 125 when it was explicit, with the reason of the node that did not take it', () => {
    const { done } = play(deputy(request(true)), granted, refusal('refused', 'full'), noPlace)
    expect(done.slice(-2)).toEqual(['to-deputy 34 125 GW_NODE_REFUSED full', 'hang-up'])
  })

  test('because no node fits fails with every reason, or is run at home', () => {
    expect(play(deputy(request(true)), noPlace).done).toEqual([
      'ask',
      'to-deputy 34 125 GW_NO_PLACE no node\n  node-1: full',
      'hang-up',
    ])
    expect(play(deputy(request(false)), noPlace).done.at(1)).toMatch(/^to-deputy 32 /)
  })

  test.each([
    ['not-found', '127 GW_EXEC_NOT_FOUND'],
    ['not-executable', '126 GW_EXEC_FAILED'],
  ] as const)('because its program is %s is not offered elsewhere', (kind, told) => {
    const { done } = play(deputy(request(true)), granted, refusal(kind, 'no such program'))
    expect(done.slice(-2)).toEqual([`to-deputy 34 ${told} no such program`, 'hang-up'])
  })

  test('because its node cannot be reached is offered elsewhere', () => {
    const { done } = play(deputy(request(true)), granted, { kind: 'unreachable', reason: 'ECONNREFUSED' })
    expect(done.slice(-3)).toEqual([
      'refused by node-1: node-1 could not be reached: ECONNREFUSED',
      'close-channel',
      'ask after node-1',
    ])
  })
})

describe('a run whose node is lost', () => {
  const lost: DoorEvent = { kind: 'lost', reason: 'it fell silent' }

  test.each([
    ['before its start was told', []],
    ['after it', [started]],
  ])('%s is never run again, and ends with 255', (_, events) => {
    const { done } = play(deputy(request(false)), granted, ...events, lost)
    expect(done.at(-2)).toMatch(
      /^to-deputy 34 255 GW_NODE_LOST lost node-1, where p-0000000001 was started: it fell/,
    )
  })

  test('is given up at the third signal on which nothing was heard', () => {
    const running = [deputy(request(true)), granted, started]
    const signals = [2, 15, 2].map(number => deputy(signalFrame(number), 7))
    expect(play(...running, ...signals).done.at(-2)).toContain('no answer to 3 signals')
    const answered = [7, 8, 9, 10].map(heard => deputy(signalFrame(2), heard))
    expect(play(...running, ...answered).phase).toBe('running')
  })
})

describe('what does not belong', () => {
  test.each<[string, readonly DoorEvent[], string]>([
    ['a frame before the request', [deputy(signalFrame(2))], 'signal'],
    [
      'a request without a command',
      [deputy(frameOf(FRAME.request, encodeTagged([['C', '/']])))],
      'the request is not understood: no command',
    ],
    ['a second request', [deputy(request(true)), deputy(request(true))], 'request'],
    [
      'input before the start',
      [deputy(request(true)), deputy(frameOf(FRAME.stdin))],
      'stdin before the start',
    ],
    ['a frame of a keeper', [deputy(request(true)), granted, started, deputy(frameOf(FRAME.ended))], 'ended'],
  ])('ends the run: %s', (_, events, reason) => {
    const { done, phase } = play(...events)
    expect(done).toContain(`violation: ${reason}`)
    expect([done.at(-1), phase]).toEqual(['hang-up', 'over'])
  })

  test('from a node loses the run, after which nothing is heard', () => {
    const { done } = play(deputy(request(true)), granted, out, started, ended)
    expect(done.slice(-4)).toEqual([
      'close-channel',
      expect.stringContaining('255 GW_NODE_LOST'),
      'hang-up',
      'violation: stdout of a node',
    ])
  })
})
