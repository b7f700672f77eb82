import type { RunGrant } from '../protocol/admin.ts'
import { SIZING_VARIABLES } from '../protocol/sizing-variables.ts'
import {
  detachedFrame,
  type Failure,
  failedFrame,
  homeFrame,
  lostFailure,
  noticeFrame,
  placedFrame,
  unstartedFailure,
} from './door-frames.ts'
import { FRAME, type Frame, frameName, LAST_OF_DEPUTY, LAST_OF_KEEPER } from './frame.ts'
import { type Refusal, readRefusal } from './refusal.ts'
import { type AskedRun, isShim, readRequest } from './request.ts'

/** A run that was asked for: what was read of its request, and the request's payload as it goes to the node. */
export type Asked = { readonly run: AskedRun; readonly payload: Uint8Array }

/** A node that did not start a run, and why. */
export type RefusedBy = { readonly grant: RunGrant; readonly refusal: Refusal }

/** One deputy at a door. `early` are its frames from before the node was known. */
export type DoorState =
  | { readonly phase: 'asking' }
  | ({ readonly phase: 'placing'; readonly first?: RefusedBy; readonly early: readonly Frame[] } & Asked)
  | ({ readonly phase: 'opening'; readonly first?: RefusedBy; readonly grant: RunGrant } & Asked)
  | {
      readonly phase: 'running'
      readonly grant: RunGrant
      readonly unanswered: number
      readonly heard: number
    }
  | { readonly phase: 'over' }

/** What placement answers. `waiting` is no end: another answer follows. */
export type PlaceAnswer =
  | { readonly kind: 'grant'; readonly grant: RunGrant }
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'home'; readonly reason: string }
  | {
      readonly kind: 'no-place'
      readonly code: string
      readonly message: string
      readonly details: readonly string[]
    }

/**
 * What happened. `no-answer`: the question for a place has stood longer than a shim may take. `heard` counts the octets'
 * arrivals on the link: a node that is heard has got our signals.
 */
export type DoorEvent =
  | { readonly kind: 'deputy'; readonly frame: Frame; readonly heard: number }
  | { readonly kind: 'deputy-gone' }
  | { readonly kind: 'answer'; readonly answer: PlaceAnswer }
  | { readonly kind: 'no-answer' }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'node'; readonly frame: Frame }
  | { readonly kind: 'lost'; readonly reason: string }

/** What to do about it, in this order. `hang-up` ends the deputy's connection when what was written is out. */
export type DoorAction =
  | ({ readonly kind: 'ask'; readonly after?: RunGrant } & Asked)
  | {
      readonly kind: 'open'
      readonly grant: RunGrant
      readonly payload: Uint8Array
      readonly early: readonly Frame[]
    }
  | { readonly kind: 'to-node' | 'to-deputy'; readonly frame: Frame }
  | ({ readonly kind: 'refused' } & RefusedBy)
  | { readonly kind: 'close-channel' | 'cancel' | 'hang-up' }
  | { readonly kind: 'violation'; readonly reason: string }

/** The next state and what to do now. */
export type DoorStep = { readonly state: DoorState; readonly actions: readonly DoorAction[] }

/** A deputy that has said nothing. */
export const NEW_DOOR: DoorState = { phase: 'asking' }

const OVER: DoorState = { phase: 'over' }
const PARTING: readonly DoorAction[] = [{ kind: 'close-channel' }, { kind: 'hang-up' }]
/** Frames of a deputy that wait for the node: signals and window sizes of somebody impatient. */
const EARLY_MAX = 64
/** INT and TERM in a row on which nothing at all was heard of the node, after which it is given up. */
const PATIENCE = 3
const ENDING_SIGNALS: ReadonlySet<number | undefined> = new Set([2, 15])
/** The wish to run at home, in place. */
const HERE = 'here'
/** The wish that the process be left to itself on its node. */
const DETACH = 'detach'

/** The next step of a run at its door: request, place, start, relay, end. No socket, no clock. */
export function stepDoor(state: DoorState, event: DoorEvent): DoorStep {
  switch (event.kind) {
    case 'deputy':
      return stepDeputy(state, event.frame, event.heard)
    case 'deputy-gone':
      return { state: OVER, actions: closingOf(state) }
    case 'answer':
      return state.phase === 'placing' ? stepAnswer(state, event.answer) : stay(state)
    case 'no-answer':
      return state.phase === 'placing' && isShim(state.run) ? stepUnanswered() : stay(state)
    case 'unreachable':
      return state.phase === 'opening'
        ? stepRefused(state, unreachable(state.grant, event.reason))
        : stay(state)
    case 'node':
      return stepNode(state, event.frame)
    case 'lost':
      return state.phase === 'opening' || state.phase === 'running'
        ? lose(state.grant, event.reason)
        : stay(state)
  }
}

function stepDeputy(state: DoorState, frame: Frame, heard: number): DoorStep {
  const { type } = frame
  if (state.phase === 'over') return stay(state)
  if (state.phase === 'asking') return type === FRAME.request ? ask(frame) : violation(state, frameName(type))
  if (type <= FRAME.request || type > LAST_OF_DEPUTY) return violation(state, frameName(type))
  if (state.phase === 'placing') {
    const early = state.early.length < EARLY_MAX ? [...state.early, frame] : state.early
    return type === FRAME.stdin ? violation(state, 'stdin before the start') : stay({ ...state, early })
  }
  if (state.phase === 'running' && type === FRAME.signal && ENDING_SIGNALS.has(frame.payload[0])) {
    const unanswered = state.heard === heard ? state.unanswered + 1 : 1
    if (unanswered >= PATIENCE) return lose(state.grant, `no answer to ${PATIENCE} signals`)
    return step({ ...state, unanswered, heard }, { kind: 'to-node', frame })
  }
  return step(state, { kind: 'to-node', frame })
}

function ask({ payload }: Frame): DoorStep {
  const run = readRequest(payload, SIZING_VARIABLES)
  if (run.kind === 'violation') {
    const { reason } = run
    const { state, actions } = notStarted(run, { kind: 'refused', code: 'GW_BAD_MESSAGE', message: reason })
    return { state, actions: [{ kind: 'violation', reason }, ...actions] }
  }
  if (run.options.has(HERE)) return goHome('asked for by --here')
  return step({ phase: 'placing', run, payload, early: [] }, { kind: 'ask', run, payload })
}

type Placing = Extract<DoorState, { phase: 'placing' }>
type Opening = Extract<DoorState, { phase: 'opening' }>

function stepAnswer(state: Placing, answer: PlaceAnswer): DoorStep {
  const { run, payload, early, first } = state
  switch (answer.kind) {
    case 'waiting':
      return step(state, { kind: 'to-deputy', frame: noticeFrame(answer.message) })
    case 'home':
      return goHome(answer.reason)
    case 'grant': {
      const { grant } = answer
      const kept = first === undefined ? { run, payload } : { run, payload, first }
      return step(
        { phase: 'opening', grant, ...kept },
        { kind: 'open', grant, payload, early },
        { kind: 'to-deputy', frame: placedFrame(grant.process, grant.node.name, grant.reason) },
      )
    }
    case 'no-place': {
      // That no other node can have it is no news to who asked; why the first one did not is.
      if (first !== undefined) return notStarted(run, first.refusal)
      const { code, details } = answer
      const message = [answer.message, ...details.map(line => `  ${line}`)].join('\n')
      return notStarted(run, { kind: 'refused', code, message })
    }
  }
}

/** Decided here and not by the deputy: whoever decides knows that no answer is under way to it. */
function stepUnanswered(): DoorStep {
  return step(OVER, { kind: 'cancel' }, ...goHome('the server does not answer').actions)
}

function stepNode(state: DoorState, frame: Frame): DoorStep {
  const { type } = frame
  if (state.phase === 'opening' && type === FRAME.started) {
    if (state.run.options.has(DETACH))
      return step(OVER, { kind: 'to-deputy', frame: detachedFrame(frame) }, ...PARTING)
    const running: DoorState = { phase: 'running', grant: state.grant, unanswered: 0, heard: 0 }
    return step(running, { kind: 'to-deputy', frame })
  }
  if (state.phase === 'opening' && type === FRAME.refused)
    return stepRefused(state, readRefusal(frame.payload))
  if (state.phase === 'running' && type >= FRAME.stdout && type <= LAST_OF_KEEPER) {
    const forward: DoorAction = { kind: 'to-deputy', frame }
    if (type !== FRAME.ended) return step(state, forward)
    return step(OVER, forward, ...PARTING)
  }
  if (state.phase !== 'opening' && state.phase !== 'running') return stay(state)
  const { actions } = lose(state.grant, `it broke the protocol: ${frameName(type)} while ${state.phase}`)
  return step(OVER, ...actions, { kind: 'violation', reason: `${frameName(type)} of a node` })
}

/** Nothing was started there: once another node may have it. What no node has is not looked for on the next one. */
function stepRefused(state: Opening, refusal: Refusal): DoorStep {
  const { grant, run, payload, first } = state
  const told: readonly DoorAction[] = [{ kind: 'refused', grant, refusal }, { kind: 'close-channel' }]
  if (first !== undefined || refusal.kind !== 'refused') {
    const end = notStarted(run, refusal)
    return { state: end.state, actions: [...told, ...end.actions] }
  }
  const again: Placing = { phase: 'placing', run, payload, early: [], first: { grant, refusal } }
  return { state: again, actions: [...told, { kind: 'ask', run, payload, after: grant }] }
}

function notStarted(run: Pick<AskedRun, 'options'>, { kind, code, message }: Refusal): DoorStep {
  return isShim(run) ? goHome(message) : fail(unstartedFailure(kind, code, message))
}

function goHome(reason: string): DoorStep {
  return step(OVER, { kind: 'to-deputy', frame: homeFrame(reason) }, { kind: 'hang-up' })
}

function lose({ node, process }: RunGrant, reason: string): DoorStep {
  const message = `lost ${node.name}, where ${process} was started: ${reason}`
  const failed = fail(lostFailure(`${message}; it may run there until the node notices`))
  return { state: OVER, actions: [{ kind: 'close-channel' }, ...failed.actions] }
}

function fail(failure: Failure): DoorStep {
  return step(OVER, { kind: 'to-deputy', frame: failedFrame(failure) }, { kind: 'hang-up' })
}

/** Nothing was started yet, so another node may have it. */
function unreachable({ node }: RunGrant, reason: string): Refusal {
  return { kind: 'refused', code: 'GW_NODE_OFFLINE', message: `${node.name} could not be reached: ${reason}` }
}

function violation(state: DoorState, reason: string): DoorStep {
  return { state: OVER, actions: [{ kind: 'violation', reason }, ...closingOf(state), { kind: 'hang-up' }] }
}

function closingOf({ phase }: DoorState): readonly DoorAction[] {
  if (phase === 'placing') return [{ kind: 'cancel' }]
  return phase === 'opening' || phase === 'running' ? [{ kind: 'close-channel' }] : []
}

function step(state: DoorState, ...actions: readonly DoorAction[]): DoorStep {
  return { state, actions }
}

function stay(state: DoorState): DoorStep {
  return { state, actions: [] }
}
