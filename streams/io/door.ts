import { createHash } from 'node:crypto'
import type { Socket } from 'node:net'
import type { RunGrant } from '../../protocol/admin.ts'
import type { Log } from '../../protocol/log.ts'
import { readyFrame } from '../door-frames.ts'
import {
  type Asked,
  type DoorAction,
  type DoorEvent,
  NEW_DOOR,
  type PlaceAnswer,
  stepDoor,
} from '../door-session.ts'
import { FRAME, type Frame, frameOf } from '../frame.ts'
import { createFrameReader } from '../frame-reader.ts'
import type { Refusal } from '../refusal.ts'
import { type Claim, isShim } from '../request.ts'
import type { Standing } from '../user-database.ts'
import type { Channel } from './channel.ts'
import type { Links } from './link-client.ts'
import { createSocketWriter } from './socket-writer.ts'

/** How long a shim may be kept from its program while the server says nothing, not even "wait". */
const SHIM_ANSWER_MS = 2000

/** Between two signs to who waits for a place that we are at work; a deputy's patience is 10 s. */
const AT_WORK_MS = 2000
/** Where a process goes is told with its start if that comes within this time: the deputy is woken once. */
const PLACED_TOLD_AFTER_MS = 20

/** What a run asks placement for; `specSha256` is of its request's payload, as its ticket must have it. */
export type PlaceQuestion = Asked & {
  readonly specSha256: string
  /** The grant whose node refused before. */
  readonly after: RunGrant | undefined
}

/** What a door needs. */
export type DoorOptions = {
  /** Tells every answer until an end, `waiting` included; the returned function gives the question up. Never throws. */
  readonly place: (question: PlaceQuestion, answer: (answer: PlaceAnswer) => void) => () => void
  /** A node did not start what it was to start; resolves when that is recorded. */
  readonly refused: (grant: RunGrant, refusal: Refusal) => Promise<void>
  readonly links: Links
  readonly log: Log
  /** Sees what goes to the deputy, and answers what goes there instead. */
  readonly onFrame?: (frame: Frame, grant: RunGrant | undefined) => Frame
  /** Sees what a deputy sends, the signals that it has got among it. */
  readonly onDeputyFrame?: (frame: Frame) => void
}

/** Serves one deputy whose claim `check` judges: asks for a place, and relays until its process has ended. */
export function serveDeputy(socket: Socket, check: (claim: Claim) => Standing, options: DoorOptions): void {
  const { links, log } = options
  const reader = createFrameReader()
  let state = NEW_DOOR
  let grant: RunGrant | undefined
  let channel: Channel | undefined
  let giveUp: (() => void) | undefined
  let impatience: NodeJS.Timeout | undefined
  let placed: Frame | undefined
  let placedTimer: NodeJS.Timeout | undefined
  let recorded: Promise<void> = Promise.resolve()
  const writer = createSocketWriter(socket, () => follow({ kind: 'deputy-gone' }))

  function follow(event: DoorEvent): void {
    const next = stepDoor(state, event)
    state = next.state
    for (const action of next.actions) act(action)
  }

  function act(action: DoorAction): void {
    switch (action.kind) {
      case 'ask':
        ask(action, action.after)
        return
      case 'open':
        grant = action.grant
        void open(action.grant, action.payload, action.early)
        return
      case 'to-node':
        channel?.send(action.frame)
        if (channel?.isFull()) socket.pause()
        return
      case 'to-deputy':
        tell(options.onFrame?.(action.frame, grant) ?? action.frame)
        return
      case 'refused':
        recorded = options.refused(action.grant, action.refusal).catch((error: Error) => {
          log.warn({ process: action.grant.process, error: error.message }, 'a refusal was not recorded')
        })
        return
      case 'close-channel':
        channel?.close()
        channel = undefined
        return
      case 'cancel':
        clearTimeout(impatience)
        giveUp?.()
        return
      case 'hang-up':
        clearTimeout(placedTimer)
        writer.end()
        // The end of a deputy that was waiting for room would never be read.
        socket.resume()
        return
      case 'violation':
        log.warn({ code: 'GW_BAD_MESSAGE', reason: action.reason }, 'a run broke the protocol')
    }
  }

  function tell(frame: Frame): void {
    const before = placed === undefined ? [] : [placed]
    clearTimeout(placedTimer)
    placed = undefined
    if (frame.type !== FRAME.placed) {
      writer.write(...before, frame)
      return
    }
    writer.write(...before)
    placed = frame
    placedTimer = setTimeout(() => {
      writer.write(frame)
      placed = undefined
    }, PLACED_TOLD_AFTER_MS)
  }

  function ask(asked: Asked, after: RunGrant | undefined): void {
    const standing = check(asked.run.claim)
    if (standing.kind === 'refused') {
      const { reason } = standing
      log.warn({ code: 'GW_NOT_PERMITTED', reason }, 'a deputy claims what its user is not')
      const answer = { kind: 'no-place', code: 'GW_NOT_PERMITTED', message: reason, details: [] } as const
      follow({ kind: 'answer', answer })
      return
    }
    if (isShim(asked.run)) impatience = setTimeout(() => follow({ kind: 'no-answer' }), SHIM_ANSWER_MS)
    else if (after === undefined) tellOfWork()
    const specSha256 = createHash('sha256').update(asked.payload).digest('hex')
    void recorded.then(() => {
      if (state.phase !== 'placing') return
      giveUp = options.place({ ...asked, specSha256, after }, answer => {
        clearTimeout(impatience)
        follow({ kind: 'answer', answer })
      })
    })
  }

  /** Who asked by hand waits as long as somebody is at work for them. */
  function tellOfWork(): void {
    const beat = setInterval(() => state.phase === 'placing' && writer.write(readyFrame()), AT_WORK_MS)
    socket.once('close', () => clearInterval(beat))
  }

  async function open(to: RunGrant, payload: Uint8Array, early: readonly Frame[]): Promise<void> {
    const mine = () => grant === to && state.phase !== 'over'
    try {
      const opened = await links.open(to, {
        onFrame: frame => mine() && follow({ kind: 'node', frame }),
        onClosed: lost =>
          mine() && follow({ kind: 'lost', reason: lost ?? 'the node closed the connection' }),
        onRoom: () => socket.resume(),
      })
      if (!mine()) return opened.close()
      channel = opened
      opened.send(frameOf(FRAME.request, payload))
      for (const frame of early) opened.send(frame)
    } catch (error) {
      if (mine()) follow({ kind: 'unreachable', reason: (error as Error).message })
    }
  }

  writer.write(readyFrame())
  socket.on('data', (bytes: Uint8Array) => {
    const { frames, violation } = reader.push(bytes)
    for (const frame of frames) {
      options.onDeputyFrame?.(frame)
      follow({ kind: 'deputy', frame, heard: channel?.heard() ?? 0 })
    }
    if (violation === undefined) return
    log.warn({ code: 'GW_BAD_MESSAGE', reason: violation.reason }, 'a deputy was dropped')
    socket.destroy()
  })
}
