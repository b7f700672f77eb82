import type { Hardware, Speed } from '../../protocol/hardware.ts'
import type {
  AgentHello,
  AgentMessage,
  Kill,
  OutputWanted,
  RunAnswered,
  RunAsked,
  RunGivenUp,
  RunRefused,
  ServerMessage,
  StageSeen,
  Welcome,
} from '../../protocol/link.ts'
import type { People } from '../../protocol/people.ts'
import { acknowledged, type Fact, type Outbox, withFact } from './outbox.ts'

/**
 * What the agent knows of its talk with the server. `phase` is about the present connection; everything else
 * outlives it.
 */
export type Conversation = {
  readonly phase: 'offline' | 'greeting' | 'joined'
  readonly outbox: Outbox
  readonly stages: readonly StageSeen[]
  readonly hardware: { readonly hardware: Hardware; readonly speed: Speed } | undefined
}

/** What happened: on the connection, in the agent, or on this node. */
export type LinkEvent =
  | { readonly kind: 'connected'; readonly hello: AgentHello }
  | { readonly kind: 'closed' }
  | { readonly kind: 'received'; readonly message: ServerMessage }
  | { readonly kind: 'stage'; readonly stage: StageSeen }
  | { readonly kind: 'hardware'; readonly hardware: Hardware; readonly speed: Speed }
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'ask'; readonly message: RunAsked | RunGivenUp | RunRefused }

/** What to do about it, in this order. */
export type LinkAction =
  | { readonly kind: 'send'; readonly message: AgentMessage }
  | { readonly kind: 'report' }
  | { readonly kind: 'joined'; readonly welcome: Welcome }
  | { readonly kind: 'kill'; readonly request: Kill }
  | { readonly kind: 'output-asked'; readonly request: OutputWanted }
  | { readonly kind: 'state'; readonly state: 'pending' | 'ready' }
  | { readonly kind: 'people'; readonly people: People }
  | { readonly kind: 'run-answer'; readonly answer: RunAnswered }
  /** Whoever waits for an answer gets none: the connection is gone. */
  | { readonly kind: 'no-answers' }
  | { readonly kind: 'close'; readonly code: string; readonly reason: string }

/** The next conversation and what to do now. */
export type LinkStep = { readonly conversation: Conversation; readonly actions: readonly LinkAction[] }

/** Before the first connection. */
export const NEW_CONVERSATION: Conversation = {
  phase: 'offline',
  outbox: [],
  stages: [],
  hardware: undefined,
}

/** The next step of the conversation after `event`; no clock, no socket. */
export function stepLink(conversation: Conversation, event: LinkEvent): LinkStep {
  switch (event.kind) {
    case 'connected':
      return step({ ...conversation, phase: 'greeting' }, send(event.hello))
    case 'closed':
      return step({ ...conversation, phase: 'offline' }, { kind: 'no-answers' })
    case 'received':
      return stepReceived(conversation, event.message)
    case 'ask':
      return conversation.phase === 'joined'
        ? step(conversation, send(event.message))
        : step(conversation, { kind: 'no-answers' })
    case 'stage':
      return conversation.phase === 'joined'
        ? step(conversation, send(event.stage))
        : step({ ...conversation, stages: [...conversation.stages, event.stage] })
    case 'hardware': {
      const { hardware, speed } = event
      const told = { ...conversation, hardware: { hardware, speed } }
      return told.phase === 'joined' ? step(told, ...sendHardware(told)) : step(told)
    }
    case 'fact': {
      const kept = { ...conversation, outbox: withFact(conversation.outbox, event.fact) }
      // A report follows soon: placement must not wait a second to learn that a node is full or free.
      return kept.phase === 'joined' ? step(kept, send(event.fact), { kind: 'report' }) : step(kept)
    }
  }
}

function stepReceived(conversation: Conversation, message: ServerMessage): LinkStep {
  if (message.type === 'refused')
    return step(conversation, { kind: 'close', code: message.code, reason: message.message })
  if (message.type === 'welcome') return stepWelcome(conversation, message)
  if (conversation.phase !== 'joined')
    return step(conversation, {
      kind: 'close',
      code: 'GW_BAD_MESSAGE',
      reason: `${message.type} before welcome`,
    })
  switch (message.type) {
    case 'ack':
      return step({ ...conversation, outbox: acknowledged(conversation.outbox, message.id, message.of) })
    case 'kill':
      return step(conversation, { kind: 'kill', request: message })
    case 'output-asked':
      return step(conversation, { kind: 'output-asked', request: message })
    case 'state':
      return step(conversation, { kind: 'state', state: message.state })
    case 'run-grant':
    case 'run-queued':
    case 'no-place':
    case 'run-home':
      return step(conversation, { kind: 'run-answer', answer: message })
    case 'people':
      return step(conversation, { kind: 'people', people: message.people })
  }
}

function stepWelcome(conversation: Conversation, welcome: Welcome): LinkStep {
  if (conversation.phase !== 'greeting')
    return step(conversation, { kind: 'close', code: 'GW_BAD_MESSAGE', reason: 'welcome without hello' })
  const joined: Conversation = { ...conversation, phase: 'joined', stages: [] }
  return step(
    joined,
    { kind: 'joined', welcome },
    ...conversation.stages.map(send),
    // Every welcome, not only the first: hardware is not acknowledged, and the server may have died over it.
    ...sendHardware(conversation),
    ...conversation.outbox.map(send),
    { kind: 'report' },
  )
}

function step(conversation: Conversation, ...actions: readonly LinkAction[]): LinkStep {
  return { conversation, actions }
}

function send(message: AgentMessage): LinkAction {
  return { kind: 'send', message }
}

function sendHardware(conversation: Conversation): readonly LinkAction[] {
  return conversation.hardware ? [send({ type: 'hardware', ...conversation.hardware })] : []
}
