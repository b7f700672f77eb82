import type { Socket } from 'node:net'
import type { Log } from '../../../protocol/log.ts'
import type { TicketClaims } from '../../../protocol/ticket.ts'
import { FRAME, type Frame, frameOf } from '../../../streams/frame.ts'
import { createFrameReader } from '../../../streams/frame-reader.ts'
import type { Channel, ChannelUser } from '../../../streams/io/channel.ts'
import { createSocketWriter, type SocketWriter } from '../../../streams/io/socket-writer.ts'
import { readStarted, type StartedFacts } from '../../../streams/progress.ts'
import type { Refusal } from '../../../streams/refusal.ts'
import { NEW_RUN, type NodeRunAction, type NodeRunEvent, stepRun } from '../session.ts'

/** Whether a run may be started here and now. */
export type Verdict =
  | {
      readonly kind: 'admitted'
      readonly claims: TicketClaims
      readonly launch: Frame
      /** Left to itself once it runs. */
      readonly detached: boolean
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

/** A process that runs, as its channel sees it. */
export type Attached = {
  /** Ends it softly, then hard. */
  end(): void
  /** Keeps what it has written, a frame of one of its outputs; only a detached one has nobody else to take it. */
  keep(frame: Frame): void
  /** It has ended; `frame` is the keeper's, which is missing when the keeper itself is gone. */
  ended(frame: Frame | undefined): void
}

/** What a run needs from the exec service. */
export type NodeRunOptions = {
  readonly check: (ticket: string, payload: Uint8Array) => Verdict
  readonly connectKeeper: () => Promise<Socket>
  readonly attach: (claims: TicketClaims, facts: StartedFacts, detached: boolean) => Attached
  /** Adds to a `started` frame what the keeper does not know. */
  readonly named: (frame: Frame, claims: TicketClaims) => Frame
  /** Adds to an `ended` frame what a person is to know of it. */
  readonly explained: (frame: Frame, claims: TicketClaims) => Frame
  readonly log: Log
}

/** Serves one run that came with `ticket`: checks it, hands it to the keeper, relays until it has ended. */
export function serveRun(ticket: string, channel: Channel, options: NodeRunOptions): ChannelUser {
  const { log } = options
  let run = NEW_RUN
  let claims: TicketClaims | undefined
  let launch: Frame | undefined
  let detached = false
  let keeper: { readonly socket: Socket; readonly writer: SocketWriter } | undefined
  let attached: Attached | undefined

  function follow(event: NodeRunEvent): void {
    const next = stepRun(run, event)
    run = next.run
    for (const action of next.actions) act(action)
  }

  function act(action: NodeRunAction): void {
    switch (action.kind) {
      case 'check':
        void check(action.payload)
        return
      case 'launch':
        if (launch !== undefined)
          keeper?.writer.write(launch, frameOf(FRAME.request, action.payload), ...action.early)
        return
      case 'to-keeper':
        keeper?.writer.write(action.frame)
        return
      case 'started':
        started(action.frame)
        return
      case 'to-home':
        channel.send(
          claims !== undefined && action.frame.type === FRAME.ended
            ? options.explained(action.frame, claims)
            : action.frame,
        )
        if (channel.isFull()) keeper?.socket.pause()
        return
      case 'keep':
        attached?.keep(action.frame)
        return
      case 'ended':
        attached?.ended(action.frame)
        return
      case 'end-softly':
        attached?.end()
        return
      case 'close-channel':
        channel.close()
        return
      case 'close-keeper':
        keeper?.writer.end()
        keeper?.socket.resume()
        return
      case 'violation':
        log.warn({ code: 'GW_BAD_MESSAGE', reason: action.reason, process: claims?.jti }, 'a run was dropped')
    }
  }

  async function check(payload: Uint8Array): Promise<void> {
    const refuse = (what: string, error: unknown): void => {
      const message = `${what}: ${(error as Error).message}`
      follow({ kind: 'rejected', refusal: { kind: 'refused', code: 'GW_NODE_REFUSED', message } })
    }
    let verdict: Verdict
    try {
      verdict = options.check(ticket, payload)
    } catch (error) {
      refuse('this node cannot judge the ticket', error)
      return
    }
    if (verdict.kind === 'refused') {
      follow({ kind: 'rejected', refusal: verdict.refusal })
      return
    }
    claims = verdict.claims
    launch = verdict.launch
    detached = verdict.detached
    try {
      listen(await options.connectKeeper())
      follow({ kind: 'ready', detached })
    } catch (error) {
      refuse('the keeper of this node does not answer', error)
    }
  }

  function listen(socket: Socket): void {
    const reader = createFrameReader()
    keeper = { socket, writer: createSocketWriter(socket, () => follow({ kind: 'keeper-gone' })) }
    socket.on('data', (bytes: Uint8Array) => {
      const { frames, violation } = reader.push(bytes)
      for (const frame of frames) follow({ kind: 'keeper', frame })
      if (violation === undefined) return
      log.error({ reason: violation.reason, process: claims?.jti }, 'the keeper broke the protocol')
      socket.destroy()
    })
  }

  function started(frame: Frame): void {
    const facts = readStarted(frame.payload)
    if (claims === undefined || facts === undefined) {
      log.error({ process: claims?.jti }, 'the keeper did not tell what it has started')
      keeper?.socket.destroy()
      return
    }
    attached = options.attach(claims, facts, detached)
    channel.send(options.named(frame, claims))
  }

  return {
    onFrame: frame => follow({ kind: 'home', frame }),
    onClosed() {
      follow({ kind: 'home-gone' })
      // Nobody will tell of room on a channel that is gone, and the end of the process is still to be read.
      keeper?.socket.resume()
    },
    onRoom: () => void keeper?.socket.resume(),
  }
}
