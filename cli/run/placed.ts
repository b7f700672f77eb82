import { constants } from 'node:os'
import type { ProcessId } from '../../config/values/node-id.ts'
import type { RunGrant } from '../../protocol/admin.ts'
import { ERRORS, type ErrorCode, GodwitError } from '../../protocol/errors.ts'
import type { Ending } from '../../protocol/process.ts'
import { failedFrame, readFailure } from '../../streams/door-frames.ts'
import { FRAME, type Frame } from '../../streams/frame.ts'
import { createLinks, type Links } from '../../streams/io/link-client.ts'
import { LINK_TIME } from '../../streams/io/link-time.ts'
import { nativeProgram } from '../../streams/io/native.ts'
import { readEnded, readStarted } from '../../streams/progress.ts'
import { adminClient } from '../admin-client.ts'
import { NATIVE_DIR } from '../paths.ts'
import { connectAgent } from './connect-agent.ts'
import { startDeputy } from './deputy-process.ts'
import type { EventLog } from './event-log.ts'
import { openOwnDoor } from './own-door.ts'
import { whyEnded } from './why-ended.ts'

/** What `godwit run` was asked. `say` takes lines for a curious person. */
export type PlacedRun = {
  readonly socketPath: string
  readonly command: readonly string[]
  /** Options by their names and as they were written, for the request. */
  readonly options: ReadonlyMap<string, string>
  /** What the program gets as its environment. */
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** The process that this one is started again for. */
  readonly rerunOf?: ProcessId
  readonly events: EventLog
  readonly say: (line: string) => void
}

/** What is known of a run however it went: its process, if one was placed, and what would speak against another. */
type RunFacts = {
  readonly process: string | undefined
  readonly tookInput: boolean
  readonly interrupted: boolean
}
/**
 * How a run went: as its program ended (`why`: when the server ended it), or why it did not, with the exit status that
 * says so.
 */
export type RunEnd = RunFacts &
  (
    | { readonly kind: 'ended'; readonly ending: Ending; readonly why: string | null }
    | { readonly kind: 'failed'; readonly error: GodwitError; readonly status: number }
  )

/** Frames with what a program has read, or was to. */
const INPUT: ReadonlySet<number> = new Set([FRAME.stdin, FRAME.terminalIn, FRAME.typedAhead])

/**
 * Runs `command` on the node that placement chooses, with the deputy in our streams and the door of this run here.
 * Rejects with GW_INTERNAL when there is no deputy to start.
 */
export async function runPlaced(run: PlacedRun): Promise<RunEnd> {
  const client = adminClient(run.socketPath)
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
  const links = createLinks({
    connect: (grant, signal) => connectAgent(run.socketPath, client, grant, signal),
    time: LINK_TIME,
    log,
  })
  let failed: { readonly error: GodwitError; readonly status: number } | undefined
  let placedAs: string | undefined
  let oomKilled = false
  let tookInput = false
  const door = await openOwnDoor({
    client,
    links,
    log,
    onRefused: (grant, refusal) =>
      run.events({ event: 'refused', process: grant.process, node: grant.node.name, ...refusal }),
    rerunOf: run.rerunOf,
    onDeputyFrame(frame) {
      deputy.saw(frame)
      tookInput ||= INPUT.has(frame.type)
    },
    onFrame(frame, grant) {
      if (frame.type === FRAME.failed) {
        const { status, code, message } = readFailure(frame.payload)
        failed = { status, error: errorOf(code, message) }
        return failedFrame({ status, code, message: '' }) // printed here, with what to do next
      }
      if (frame.type === FRAME.home) {
        deputy.atHome()
        run.say('it runs here, in place')
      }
      if (grant !== undefined) tell(run, grant, frame)
      placedAs = grant?.process
      if (frame.type === FRAME.ended)
        oomKilled = readEnded(frame.payload, signalName)?.ending.oomKilled === true
      if (frame.type === FRAME.stopped) stopWith(links)
      return frame
    },
  })
  const wishes = [...run.options].map(([name, value]) => `--${name}=${value}`)
  const args = ['run', `--door=${door.path}`, ...wishes, '--', ...run.command]
  const deputy = startDeputy(DEPUTY, args, run.env)
  try {
    const { status, signal } = await deputy.ended
    const facts = { process: placedAs, tookInput, interrupted: deputy.interrupted() }
    if (failed !== undefined) return { kind: 'failed', ...facts, ...failed }
    const isAsked = placedAs !== undefined && run.options.has('timeout') && !run.options.has('detach')
    const why = isAsked ? await whyEnded(client, placedAs ?? '') : null
    return { kind: 'ended', ...facts, ending: { exitStatus: status, signal, oomKilled }, why }
  } finally {
    door.close()
    links.close()
  }
}

const DEPUTY = nativeProgram('deputy', process.env, NATIVE_DIR)
/** Time for the deputy to give the terminal back before the shell takes it. */
const STOP_AFTER_MS = 20

/** The process has stopped (^Z) and the deputy stops with it: so do we, for the shell waits for us. */
function stopWith(links: Links): void {
  links.pause()
  setTimeout(() => process.kill(process.pid, 'SIGSTOP'), STOP_AFTER_MS)
}

function tell(run: PlacedRun, grant: RunGrant, { type, payload }: Frame): void {
  const about = { process: grant.process, node: grant.node.name }
  if (type === FRAME.placed) {
    const { rerunOf } = run
    run.events({ event: 'placed', ...about, reason: grant.reason, ...(rerunOf ? { rerunOf } : {}) })
    run.say(`${grant.process} on ${grant.reason}`)
  }
  if (type === FRAME.started || type === FRAME.detached) {
    const started = readStarted(payload)
    run.events({ event: 'started', ...about, ...started })
    const cwd = process.cwd()
    if (started !== undefined && started.cwd !== cwd)
      run.say(`${grant.node.name} has no folder ${cwd}; the program runs in ${started.cwd}`)
  }
  if (type === FRAME.ended) run.events({ event: 'ended', ...about, ...readEnded(payload, signalName) })
}

function errorOf(code: string, message: string): GodwitError {
  const [first = '', ...details] = message.split('\n')
  const known: ErrorCode = Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'GW_NODE_REFUSED'
  return new GodwitError(known, first, { cause: details.map(line => line.trim()) })
}

function signalName(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, one]) => one === number)?.[0]
}

function nothing(): void {}
