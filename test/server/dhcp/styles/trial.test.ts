import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  discoverAgain,
  gettingOn,
  startTrial,
  styleNow,
  succeeded,
  type Trial,
} from '../../../../server/dhcp/styles/trial.ts'

const ORDER = ['direct', 'prompt', 'plain'] as const
const start = (xid = 1) => startTrial(ORDER, xid, 0).trial

/** DISCOVERs at these times, each with its xid; the kinds they made and the style after the last. */
function play(trial: Trial, discovers: readonly (readonly [number, number])[]) {
  let now = trial
  const kinds = discovers.map(([nowMs, xid]) => {
    const turn = discoverAgain(now, xid, nowMs)
    now = turn.trial
    return turn.kind
  })
  return { kinds, style: styleNow(now), trial: now }
}

test.each<[string, readonly (readonly [number, number])[], readonly string[], string]>([
  [
    "a ROM's own repetitions keep the style for ten seconds",
    [
      [4_000, 1],
      [9_999, 1],
    ],
    ['same', 'same'],
    'direct',
  ],
  [
    'after ten seconds the next one is tried',
    [
      [4_000, 1],
      [12_000, 1],
    ],
    ['same', 'next'],
    'prompt',
  ],
  ['a new exchange says sooner that the firmware gave up', [[2_500, 2]], ['next'], 'prompt'],
  ['but not within two seconds: the same DISCOVER may come twice', [[500, 2]], ['same'], 'direct'],
  [
    'after the last style it starts over',
    [
      [3_000, 2],
      [6_000, 3],
      [9_000, 4],
    ],
    ['next', 'next', 'exhausted'],
    'direct',
  ],
  [
    'a machine not seen for more than an hour starts over too',
    [
      [3_000, 2],
      [3_700_000, 3],
    ],
    ['next', 'same'],
    'direct',
  ],
])('%s', (_name, discovers, kinds, style) => {
  expect(play(start(), discovers)).toMatchObject({ kinds, style })
})

test('what was followed stays, however long the machine runs in between', () => {
  const won = succeeded(play(start(), [[3_000, 2]]).trial)
  expect(play(won, [[90_000_000, 3]])).toMatchObject({ kinds: ['same'], style: 'prompt' })
})

test('a question on port 4011 gives the style another ten seconds, and no more', () => {
  const asked = gettingOn(start(), 9_000)
  expect(play(asked, [[15_000, 1]]).kinds).toEqual(['same'])
  expect(play(asked, [[19_000, 1]]).kinds).toEqual(['next'])
})

test('a firmware that follows one style only is offered it, whichever that is', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ORDER),
      fc.array(fc.integer({ min: 2_000, max: 60_000 }), { minLength: 8 }),
      (liked, pauses) => {
        let trial = start()
        let nowMs = 0
        for (const [index, pauseMs] of pauses.entries()) {
          if (styleNow(trial) === liked) return true
          nowMs += pauseMs
          trial = discoverAgain(trial, index + 2, nowMs).trial
        }
        return styleNow(trial) === liked
      },
    ),
  )
})
