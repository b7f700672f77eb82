import { describe, expect, it } from 'vitest'
import type { Terms } from '../../../server/tftp/options.ts'
import { PLAIN_TERMS } from '../../../server/tftp/options.ts'
import { retransmitAfterMs } from '../../../server/tftp/schedule.ts'
import { begin, isAbandoned, step } from '../../../server/tftp/transfer.ts'
import type { TransferAction, TransferEvent, TransferState } from '../../../server/tftp/transfer-state.ts'

const WINDOW_4: Terms = { ...PLAIN_TERMS, windowSize: 4, accepted: [{ name: 'windowsize', value: '4' }] }
const SIZED: Terms = { ...PLAIN_TERMS, toldSize: true, accepted: [{ name: 'tsize', value: '9' }] }

const ack = (block: number, nowMs = 0): TransferEvent => ({ kind: 'ack', block, nowMs })
const timer = (nowMs: number): TransferEvent => ({ kind: 'timer', nowMs })
const error = (code: number): TransferEvent => ({ kind: 'error', code, message: 'User aborted the transfer' })

/** What the machine does, as text: `oack`, `2-5` for blocks, `error 0`, `end complete`. */
function show(actions: readonly TransferAction[]): string {
  return actions
    .flatMap(action => {
      if (action.kind === 'send-oack') return ['oack']
      if (action.kind === 'send-blocks') return [`${action.from}-${action.through}`]
      if (action.kind === 'send-error') return [`error ${action.code}`]
      if (action.kind === 'end') return [`end ${action.outcome}${action.reason ? `: ${action.reason}` : ''}`]
      return []
    })
    .join(', ')
}

/** Plays events against a file of `blocks` blocks; every block asked for is sent at once. */
function play(terms: Terms, blocks: number, events: readonly TransferEvent[]): readonly string[] {
  let [state, actions] = begin(terms, 0)
  const shown = [show(actions)]
  state = sendAll(state, actions, blocks, 0)
  for (const event of events) {
    ;[state, actions] = step(state, event)
    shown.push(show(actions))
    state = sendAll(state, actions, blocks, 'nowMs' in event ? event.nowMs : 0)
  }
  return shown
}

function sendAll(
  state: TransferState,
  actions: readonly TransferAction[],
  blocks: number,
  nowMs: number,
): TransferState {
  let next = state
  for (const action of actions)
    if (action.kind === 'send-blocks')
      for (let block = action.from; block <= Math.min(action.through, blocks); block++)
        [next] = step(next, { kind: 'sent', block, last: block === blocks, nowMs })
  return next
}

describe('a lock-step transfer', () => {
  it('starts with DATA 1 when nothing was agreed on and ends with the last ACK', () => {
    expect(play(PLAIN_TERMS, 2, [ack(1), ack(2)])).toEqual(['1-1', '2-2', 'end complete'])
  })

  it('waits for ACK 0 behind an OACK, and for nothing else', () => {
    expect(play(SIZED, 1, [ack(65_535), ack(1), ack(0), ack(1)])).toEqual([
      'oack',
      '',
      '',
      '1-1',
      'end complete',
    ])
  })

  it('C128 ignores ACKs it has seen and ACKs of blocks it never sent', () => {
    const events = [ack(1), ack(1), ack(0), ack(1, 9000), ack(3), ack(65_535), ack(2)]
    expect(play(PLAIN_TERMS, 9, events)).toEqual(['1-1', '2-2', '', '', '', '', '', '3-3'])
  })

  const silence = [1000, 3000, 7000, 15_000, 23_000, 31_000].map(timer)

  it('sends a block again and again and gives up after 31 s', () => {
    const shown = play(PLAIN_TERMS, 3, [ack(1), ...silence])
    expect(shown.slice(2)).toEqual([...Array(5).fill('2-2'), 'error 0, end timeout: no ACK of block 2'])
  })

  it('C131 sends the last block three times and takes silence for success', () => {
    const shown = play(PLAIN_TERMS, 2, [ack(1), ...silence.slice(0, 3)])
    expect(shown.slice(2)).toEqual(['2-2', '2-2', 'end complete: last ACK missing'])
  })

  it('takes silence after one lone block for a client that is gone, not for success', () => {
    const events = [1, 2, 3, 4, 5, 6].map(second => timer(second * 1000))
    expect(play(PLAIN_TERMS, 1, events).at(-1)).toBe('error 0, end timeout: no ACK of block 1')
  })
})

describe('retransmitAfterMs', () => {
  const cases = [
    [undefined, [1, 2, 4, 8, 8, 8]],
    [1000, [1, 2, 4, 8, 8, 8]],
    [3000, [3, 6, 8, 8, 8, 8]],
    [6000, [6, 8, 8, 8, 8, 8]],
    [20_000, [20, 20, 20, 20, 20, 20]],
    [255_000, [30, 30, 30, 30, 30, 30]],
  ] as const
  it.each(cases)('asked for %s ms: %j s', (askedMs, seconds) => {
    expect([1, 2, 3, 4, 5, 6].map(sent => retransmitAfterMs(sent, askedMs, undefined) / 1000)).toEqual(
      seconds,
    )
  })
})

describe('the end of a probe', () => {
  const endings = [
    [SIZED, [error(8)], 'end probe'],
    [SIZED, [error(0)], 'end probe'],
    [SIZED, [ack(0), error(0)], 'end probe'],
    [SIZED, [1, 2, 3, 4, 5, 6].map(timer), 'end probe: no answer after the size'],
    [SIZED, [error(3)], 'end aborted: client: error 3 User aborted the transfer'],
    [SIZED, [ack(0), ack(1), error(0)], 'end aborted: client: error 0 User aborted the transfer'],
    [WINDOW_4, [error(8)], 'end aborted: client: error 8 User aborted the transfer'],
    [WINDOW_4, [1, 2, 3, 4, 5, 6].map(timer), 'error 0, end timeout: no answer to the options'],
  ] as const
  it.each(endings)('%#: %j', (terms, events, expected) => {
    expect(play(terms, 9, events).at(-1)).toBe(expected)
  })
})

describe('a window of four', () => {
  it('C126 goes on behind the last block in order when one was lost (the exchange of RFC 7440)', () => {
    const events = [ack(0), ack(1, 10), ack(1, 11), ack(5, 20), ack(9, 30)]
    expect(play(WINDOW_4, 99, events)).toEqual(['oack', '1-4', '2-5', '', '6-9', '10-13'])
  })

  it('C127 N-1 equal ACKs for one lost block rewind once (EDK2)', () => {
    const events = [ack(0), ack(2, 10), ack(2, 11), ack(2, 12), ack(2, 40), ack(6, 50)]
    expect(play(WINDOW_4, 99, events)).toEqual(['oack', '1-4', '3-6', '', '', '', '7-10'])
  })

  it('goes back when the client still misses its first block 50 ms later', () => {
    const events = [ack(0), ack(4, 10), ack(4, 59), ack(4, 60), ack(4, 61), ack(4, 110)]
    expect(play(WINDOW_4, 99, events)).toEqual(['oack', '1-4', '5-8', '', '5-8', '', '5-8'])
  })

  it('does not go back more often than it may retransmit, and leaves giving up to the timer', () => {
    const events = [ack(0), ...Array.from({ length: 20 }, (_, index) => ack(0, 100 * (index + 1)))]
    const shown = play(WINDOW_4, 99, events)
    expect(shown.filter(action => action === '1-4').length).toBe(6)
    expect(play(WINDOW_4, 99, [...events, timer(31_000)]).at(-1)).toMatch(/^error 0, end timeout/)
  })

  it('sends the whole window again on a timeout', () => {
    expect(play(WINDOW_4, 99, [ack(0), timer(1000), timer(3000)]).slice(1)).toEqual(['1-4', '1-4', '1-4'])
  })

  it('accepts an ACK of what was sent before a timeout while it is being sent again', () => {
    let [state] = step(begin(WINDOW_4, 0)[0], ack(0))
    for (const block of [1, 2, 3, 4]) [state] = step(state, { kind: 'sent', block, last: false, nowMs: 0 })
    ;[state] = step(state, timer(1000))
    ;[state] = step(state, { kind: 'sent', block: 1, last: false, nowMs: 1000 })
    expect(show(step(state, ack(4, 1001))[1])).toBe('5-8')
  })

  it('ends with a shorter window', () => {
    const events = [ack(0), ack(4), timer(1000), ack(6)]
    expect(play(WINDOW_4, 6, events)).toEqual(['oack', '1-4', '5-8', '5-6', 'end complete'])
  })
})

describe('made-up answers', () => {
  it('F31 ACKs of blocks never sent, ACK 0 for ever, ACK 65535 first: nothing happens', () => {
    const silly = [ack(65_535), ack(9), ack(2), ...Array.from({ length: 50 }, () => ack(0)), ack(40_000)]
    expect(play(PLAIN_TERMS, 9, silly).slice(1)).toEqual(silly.map(() => ''))
    const shown = play(WINDOW_4, 99, [ack(0), ...silly])
    expect(shown.slice(2)).toEqual(silly.map(each => (each === silly[2] ? '3-6' : '')))
  })
})

describe('a repeated request', () => {
  const repeated = (nowMs: number): TransferEvent => ({ kind: 'repeated', nowMs })

  it('gets the first packet again, but no more than six in all and none at once', () => {
    const events = [repeated(10), ...Array.from({ length: 9 }, (_, index) => repeated(100 * (index + 1)))]
    const shown = play(PLAIN_TERMS, 9, events)
    expect(shown[1]).toBe('')
    expect(shown.filter(action => action === '1-1').length).toBe(6)
  })

  it('is late when the transfer is under way, and a new start after a silence', () => {
    expect(play(PLAIN_TERMS, 9, [ack(1), repeated(5000)]).at(-1)).toBe('')
    let [state] = begin(PLAIN_TERMS, 0)
    ;[state] = step(state, { kind: 'sent', block: 1, last: false, nowMs: 0 })
    ;[state] = step(state, ack(1))
    expect(isAbandoned(state)).toBe(false)
    ;[state] = step(state, timer(1000))
    expect(isAbandoned(state)).toBe(true)
    ;[state] = step(begin(PLAIN_TERMS, 0)[0], { kind: 'stopped', reason: 'a test' })
    expect(isAbandoned(state)).toBe(true)
  })
})

describe('trouble', () => {
  it('tells the client when the content cannot be read, without details', () => {
    const [state] = begin(PLAIN_TERMS, 0)
    const [ended, actions] = step(state, { kind: 'failed', reason: 'EIO: /srv/secret' })
    expect(actions).toEqual([
      { kind: 'send-error', code: 0, message: 'read error' },
      { kind: 'end', outcome: 'aborted', reason: 'EIO: /srv/secret' },
    ])
    expect(step(ended, ack(1))).toEqual([ended, []])
  })

  it('ends silently when stopped, also in a slow read', () => {
    expect(play(PLAIN_TERMS, 0, [timer(1000), { kind: 'stopped', reason: 'server stopped' }])).toEqual([
      '1-1',
      '1-1',
      'end aborted: server stopped',
    ])
  })
})
