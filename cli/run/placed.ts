import * as z from 'zod'
import { type DeputyEvent, runDeputy } from '../../agent/deputy/run.ts'
import type { RunGrant } from '../../protocol/admin.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { RefusedPayload } from '../../protocol/frames.ts'
import type { Ending } from '../../protocol/process.ts'
import type { RunSpec } from '../../protocol/run-spec.ts'
import { type AdminClient, adminClient } from '../admin-client.ts'
import { askPlace } from './ask-place.ts'
import { connectAgent } from './connect-agent.ts'
import type { EventLog } from './event-log.ts'
import { forwardedSignals } from './forwarded-signals.ts'
import { localSpec } from './local-spec.ts'
import { type RunWishes, runRequest } from './run-request.ts'

/** Longest reason the server's record takes, UTF-16 units. */
const RECORDED_MESSAGE_MAX = 500

/** What `godwit run` was asked. `say` takes lines for a curious person. */
export type PlacedRun = RunWishes & {
  readonly socketPath: string
  readonly command: readonly string[]
  readonly events: EventLog
  readonly say: (line: string) => void
  /** Takes lines for everybody. */
  readonly tell: (line: string) => void
}

/**
 * Asks for a place, starts the process there and stays as its deputy until it ends. A node that refuses before exec
 * costs one more try elsewhere; after exec there is no second run, whatever happens. Throws GodwitError when nothing
 * was started or when the node was lost.
 */
export async function runPlaced(run: PlacedRun): Promise<Ending> {
  const client = adminClient(run.socketPath)
  const spec = localSpec(run.command)
  const first = await attempt(client, run, spec, undefined)
  if (first.kind === 'ended') return first.ending
  const second = await attempt(client, run, spec, first.grant).catch((error: unknown) => {
    // That no other node can have it is no news to who asked; why this one did not is.
    throw isNoPlace(error) ? refusalError(first.refusal) : error
  })
  if (second.kind === 'ended') return second.ending
  throw refusalError(second.refusal)
}

type Attempt =
  | { readonly kind: 'ended'; readonly ending: Ending }
  | { readonly kind: 'refused'; readonly grant: RunGrant; readonly refusal: RefusedPayload }

async function attempt(
  client: AdminClient,
  run: PlacedRun,
  spec: RunSpec,
  after: RunGrant | undefined,
): Promise<Attempt> {
  const grant = await askPlace(client, runRequest(spec, run, after), run.tell)
  run.events({ event: 'placed', process: grant.process, node: grant.node.name, reason: grant.reason })
  run.say(`${grant.process} on ${grant.reason}`)
  const outcome = await runDeputy({
    grant,
    spec,
    connect: () => connectAgent(run.socketPath, client, grant),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: forwardedSignals,
    onEvent: event => tellEvent(run, grant, spec, event),
  })
  if (outcome.kind === 'ended') return { kind: 'ended', ending: outcome.ending }
  if (outcome.kind === 'lost' && outcome.phase !== 'connect') {
    const message = `lost ${grant.node.name}, where ${grant.process} was started: ${outcome.reason}`
    throw new GodwitError('GW_NODE_LOST', `${message}; it may run there until the node notices`)
  }
  const refusal = outcome.kind === 'refused' ? outcome.refusal : unreachable(grant, outcome.reason)
  await client.post(`/v1/processes/${grant.process}/refused`, forRecord(refusal), z.unknown())
  run.events({ event: 'refused', process: grant.process, node: grant.node.name, ...refusal })
  if (refusal.kind !== 'refused') throw refusalError(refusal)
  return { kind: 'refused', grant, refusal }
}

/** The record takes no longer message; the person gets all of it. */
function forRecord(refusal: RefusedPayload): RefusedPayload {
  return { ...refusal, message: refusal.message.slice(0, RECORDED_MESSAGE_MAX) }
}

/** Nothing was started yet, so another node may have it. */
function unreachable(grant: RunGrant, reason: string): RefusedPayload {
  const message = `${grant.node.name} could not be reached: ${reason}`
  return { kind: 'refused', code: 'GW_NODE_OFFLINE', message }
}

function tellEvent(run: PlacedRun, grant: RunGrant, spec: RunSpec, event: DeputyEvent): void {
  const { kind, ...facts } = event
  run.events({ event: kind, process: grant.process, node: grant.node.name, ...facts })
  if (event.kind === 'started' && event.cwd !== spec.cwd) {
    run.say(`${grant.node.name} has no folder ${spec.cwd}; the program runs in ${event.cwd}`)
  }
}

function isNoPlace(error: unknown): boolean {
  return error instanceof GodwitError && error.code === 'GW_NO_PLACE'
}

function refusalError(refusal: RefusedPayload): GodwitError {
  if (refusal.kind === 'not-found') return new GodwitError('GW_EXEC_NOT_FOUND', refusal.message)
  if (refusal.kind === 'not-executable') return new GodwitError('GW_EXEC_FAILED', refusal.message)
  return new GodwitError('GW_NODE_REFUSED', refusal.message)
}
