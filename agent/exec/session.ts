import {
  creditOutFrame,
  FRAME,
  type Frame,
  frameName,
  LAST_OF_DEPUTY,
  LAST_OF_KEEPER,
  STREAM_CREDIT_BYTES,
} from '../../streams/frame.ts'
import { KILLED_FRAME } from '../../streams/progress.ts'
import { type Refusal, refusedFrame } from '../../streams/refusal.ts'

/**
 * One run on its node, between its home's channel and the keeper. `early` are frames of the home from before the
 * keeper had the request. `ending`: its home is gone, and what it still writes is thrown away. `detached`: its home has
 * left it to itself, and what it writes is kept here.
 */
export type NodeRun =
  | { readonly phase: 'greeting' }
  | { readonly phase: 'checking'; readonly payload: Uint8Array; readonly early: readonly Frame[] }
  | { readonly phase: 'starting'; readonly homeGone: boolean; readonly detached: boolean }
  | { readonly phase: 'running' }
  | { readonly phase: 'detached' }
  | { readonly phase: 'ending' }
  | { readonly phase: 'over' }

/** What happened. `ready`: the ticket is good, there is room, and the keeper listens. */
export type NodeRunEvent =
  | { readonly kind: 'home'; readonly frame: Frame }
  | { readonly kind: 'home-gone' }
  | { readonly kind: 'ready'; readonly detached: boolean }
  | { readonly kind: 'rejected'; readonly refusal: Refusal }
  | { readonly kind: 'keeper'; readonly frame: Frame }
  | { readonly kind: 'keeper-gone' }

/** What to do about it, in this order. `ended` without a frame: the keeper died, and the process with it. */
export type NodeRunAction =
  | { readonly kind: 'check'; readonly payload: Uint8Array }
  | { readonly kind: 'launch'; readonly payload: Uint8Array; readonly early: readonly Frame[] }
  | { readonly kind: 'to-keeper' | 'to-home' | 'started' | 'keep'; readonly frame: Frame }
  | { readonly kind: 'ended'; readonly frame: Frame | undefined }
  | { readonly kind: 'end-softly' | 'close-channel' | 'close-keeper' }
  | { readonly kind: 'violation'; readonly reason: string }

/** The next state and what to do now. */
export type NodeRunStep = { readonly run: NodeRun; readonly actions: readonly NodeRunAction[] }

/** A channel on which nothing was said. */
export const NEW_RUN: NodeRun = { phase: 'greeting' }

const OVER: NodeRun = { phase: 'over' }
/** Frames that wait for the keeper: signals and window sizes of somebody impatient. */
const EARLY_MAX = 64

/** The next step of a run on its node. No socket, no clock. */
export function stepRun(run: NodeRun, event: NodeRunEvent): NodeRunStep {
  switch (event.kind) {
    case 'home':
      return stepHome(run, event.frame)
    case 'home-gone':
      return stepHomeGone(run)
    case 'ready': {
      if (run.phase !== 'checking') return step(OVER, { kind: 'close-keeper' })
      const { payload, early } = run
      const { detached } = event
      return step({ phase: 'starting', homeGone: false, detached }, { kind: 'launch', payload, early })
    }
    case 'rejected':
      return run.phase === 'checking' ? reject(refusedFrame(event.refusal)) : step(run)
    case 'keeper':
      return stepKeeper(run, event.frame)
    case 'keeper-gone':
      return stepKeeperGone(run)
  }
}

function stepHome(run: NodeRun, frame: Frame): NodeRunStep {
  const { type, payload } = frame
  switch (run.phase) {
    case 'greeting':
      if (type !== FRAME.request) return violation(run, `${frameName(type)} before the request`)
      return step({ phase: 'checking', payload, early: [] }, { kind: 'check', payload })
    case 'checking':
      if (!isOfDeputy(type) || type === FRAME.stdin)
        return violation(run, `${frameName(type)} before the start`)
      return step(run.early.length < EARLY_MAX ? { ...run, early: [...run.early, frame] } : run)
    case 'starting':
    case 'running':
      return isOfDeputy(type)
        ? step(run, { kind: 'to-keeper', frame })
        : violation(run, `${frameName(type)} from a home`)
    default:
      return step(run)
  }
}

function stepHomeGone(run: NodeRun): NodeRunStep {
  if (run.phase === 'starting') return step({ ...run, homeGone: true })
  if (run.phase === 'running') return endSoftly()
  return step(run.phase === 'ending' || run.phase === 'detached' ? run : OVER)
}

/** Nobody takes the output any more, so it is taken here: a process that cannot write could not end in order. */
function endSoftly(): NodeRunStep {
  const windows = ([1, 2] as const).map(stream => creditOutFrame(stream, STREAM_CREDIT_BYTES))
  const taken = windows.map(frame => ({ kind: 'to-keeper', frame }) as const)
  return step({ phase: 'ending' }, { kind: 'end-softly' }, ...taken)
}

function stepKeeper(run: NodeRun, frame: Frame): NodeRunStep {
  const { type } = frame
  if (run.phase === 'over') return step(run)
  if (run.phase === 'starting' && type === FRAME.refused) return reject(frame, { kind: 'close-keeper' })
  if (run.phase === 'starting' && type === FRAME.started) return start(run, frame)
  if (!isAlive(run) || type < FRAME.stdout || type > LAST_OF_KEEPER)
    return violation(run, `${frameName(type)} from a keeper while ${run.phase}`)
  if (type === FRAME.ended) {
    const last: readonly NodeRunAction[] = run.phase === 'running' ? [{ kind: 'to-home', frame }] : []
    return step(OVER, { kind: 'ended', frame }, ...last, { kind: 'close-channel' }, { kind: 'close-keeper' })
  }
  if (run.phase === 'running') return step(run, { kind: 'to-home', frame })
  const stream = type === FRAME.stdout ? 1 : type === FRAME.stderr ? 2 : undefined
  if (stream === undefined) return step(run)
  const kept: readonly NodeRunAction[] = run.phase === 'detached' ? [{ kind: 'keep', frame }] : []
  return step(run, ...kept, { kind: 'to-keeper', frame: creditOutFrame(stream, frame.payload.length) })
}

/** A home that is gone before it has heard of the start has not left the process to itself. */
function start({ homeGone, detached }: Extract<NodeRun, { phase: 'starting' }>, frame: Frame): NodeRunStep {
  const started: NodeRunAction = { kind: 'started', frame }
  if (!homeGone && detached) return step({ phase: 'detached' }, started, { kind: 'close-channel' })
  if (!homeGone) return step({ phase: 'running' }, started)
  const { run, actions } = endSoftly()
  return { run, actions: [started, ...actions] }
}

/**
 * A keeper that dies takes its process along, which is as if that had been killed. Whether it had begun one that it did
 * not tell of nobody knows, so its home is not told that nothing was started.
 */
function stepKeeperGone(run: NodeRun): NodeRunStep {
  const told: readonly NodeRunAction[] =
    run.phase === 'running' ? [{ kind: 'to-home', frame: KILLED_FRAME }] : []
  if (isAlive(run)) return step(OVER, { kind: 'ended', frame: undefined }, ...told, { kind: 'close-channel' })
  return run.phase === 'starting' ? step(OVER, { kind: 'close-channel' }) : step(run)
}

function reject(frame: Frame, ...more: readonly NodeRunAction[]): NodeRunStep {
  return step(OVER, { kind: 'to-home', frame }, { kind: 'close-channel' }, ...more)
}

/** Nothing is left running that nobody speaks to: the keeper ends what its closed connection was for. */
function violation(run: NodeRun, reason: string): NodeRunStep {
  const ended: readonly NodeRunAction[] = isAlive(run) ? [{ kind: 'ended', frame: undefined }] : []
  return step(
    OVER,
    { kind: 'violation', reason },
    ...ended,
    { kind: 'close-channel' },
    { kind: 'close-keeper' },
  )
}

function isAlive({ phase }: NodeRun): boolean {
  return phase === 'running' || phase === 'ending' || phase === 'detached'
}

function isOfDeputy(type: number): boolean {
  return type > FRAME.request && type <= LAST_OF_DEPUTY
}

function step(run: NodeRun, ...actions: readonly NodeRunAction[]): NodeRunStep {
  return { run, actions }
}
