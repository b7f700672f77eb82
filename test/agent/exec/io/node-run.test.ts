import type { Socket } from 'node:net'
import { duplexPair } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type NodeRunOptions, serveRun, type Verdict } from '../../../../agent/exec/io/node-run.ts'
import { TicketClaims } from '../../../../protocol/ticket.ts'
import { FRAME, type Frame, frameOf } from '../../../../streams/frame.ts'
import type { Channel } from '../../../../streams/io/channel.ts'
import { readEnded } from '../../../../streams/progress.ts'
import { readRefusal } from '../../../../streams/refusal.ts'
import { encodeTagged } from '../../../../streams/tagged.ts'
import { silentLog } from '../../../fakes/silent-log.ts'

const claims = TicketClaims.parse({
  jti: 'p-0000000001',
  sub: 'n-525400770001',
  bootId: 'boot',
  specSha256: '0'.repeat(64),
  memoryBytes: 0,
  memoryMaxBytes: null,
})
const request = frameOf(FRAME.request, encodeTagged([['A', 'true']]))
const started = frameOf(
  FRAME.started,
  encodeTagged([
    ['p', 7],
    ['C', '/'],
    ['m', 1],
  ]),
)

async function until(look: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !look(); turn += 1) await sleep(5)
  expect(look()).toBe(true)
}

/** A run on a channel that is full, with the far end of its keeper's connection. */
function openRun(check: NodeRunOptions['check']) {
  const sent: Frame[] = []
  const ends: (Frame | undefined)[] = []
  const [near, far] = duplexPair()
  const channel: Channel = {
    send: frame => void sent.push(frame),
    close: () => undefined,
    isFull: () => true,
    heard: () => 0,
  }
  const user = serveRun('ticket', channel, {
    check,
    connectKeeper: async () => near as unknown as Socket,
    attach: () => ({ end: () => undefined, keep: () => undefined, ended: frame => void ends.push(frame) }),
    named: frame => frame,
    explained: frame => frame,
    log: silentLog,
  })
  return { user, sent, ends, keeper: far, breakKeeper: () => near.destroy() }
}

/** Admits every run, none of them detached. */
const admit = (): Verdict => ({
  kind: 'admitted',
  claims,
  launch: frameOf(FRAME.launch),
  detached: false,
})

test('a ticket that cannot be judged is a refusal, and no end of the agent', async () => {
  const { user, sent } = openRun(() => {
    throw new Error('ENOSPC')
  })
  user.onFrame(request)
  await until(() => sent.length === 1)
  expect(readRefusal(sent[0]?.payload ?? new Uint8Array()).message).toContain('ENOSPC')
})

test('the end of a process is seen though its home went while it waited for room', async () => {
  const { user, sent, ends, keeper } = openRun(admit)
  keeper.resume()
  user.onFrame(request)
  keeper.write(started.bytes)
  keeper.write(frameOf(FRAME.stdout, Uint8Array.of(1)).bytes)
  await until(() => sent.some(({ type }) => type === FRAME.stdout))
  user.onClosed('lost')
  keeper.write(frameOf(FRAME.ended, encodeTagged([['s', 0]])).bytes)
  await until(() => ends.length === 1)
  expect(ends[0]?.type).toBe(FRAME.ended)
})

test('a keeper that is gone has taken the process along: its home hears of a SIGKILL', async () => {
  const { user, sent, ends, keeper, breakKeeper } = openRun(admit)
  keeper.resume()
  user.onFrame(request)
  keeper.write(started.bytes)
  await until(() => sent.length === 1)
  breakKeeper()
  await until(() => ends.length === 1)
  const told = readEnded(sent.at(-1)?.payload ?? new Uint8Array(), number => `signal ${number}`)
  expect([ends, sent.at(-1)?.type, told?.ending.signal]).toEqual([[undefined], FRAME.ended, 'signal 9'])
})
