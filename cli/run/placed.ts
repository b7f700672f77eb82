import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Duplex } from 'node:stream'
import * as z from 'zod'
import { connectDirect, secure } from '../../agent/deputy/connect.ts'
import { type DeputyEvent, runDeputy } from '../../agent/deputy/run.ts'
import { openLabRelay } from '../../lab/io/relay.ts'
import { labRelayBeside } from '../../lab/paths.ts'
import { RunGrant, type RunRequest } from '../../protocol/admin.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { RefusedPayload } from '../../protocol/frames.ts'
import type { Ending } from '../../protocol/process.ts'
import { type RunSpec, runSpecBytes } from '../../protocol/run-spec.ts'
import { hostIdentity } from '../../server/io/host-identity.ts'
import { type AdminClient, adminClient } from '../admin-client.ts'
import type { EventLog } from './event-log.ts'
import { forwardedSignals } from './forwarded-signals.ts'
import { localSpec } from './local-spec.ts'

/** How long the direct way to an agent may take before the relay is tried. */
const DIRECT_TIMEOUT_MS = 3000

/** What `godwit run` was asked. `say` takes lines for a curious person. */
export type PlacedRun = {
  readonly socketPath: string
  readonly command: readonly string[]
  readonly memoryBytes?: number
  readonly on?: string
  readonly events: EventLog
  readonly say: (line: string) => void
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
  const second = await attempt(client, run, spec, first.grant)
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
  const grant = await client.post('/v1/runs', requestFor(run, spec, after), RunGrant)
  run.events({ event: 'placed', process: grant.process, node: grant.node.name, reason: grant.reason })
  run.say(`${grant.process} on ${grant.reason}`)
  const outcome = await runDeputy({
    grant,
    spec,
    connect: () => connectAgent(run, client, grant),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    signals: forwardedSignals,
    onEvent: event => tellEvent(run, grant, spec, event),
  })
  if (outcome.kind === 'ended') return { kind: 'ended', ending: outcome.ending }
  if (outcome.kind === 'lost' && outcome.phase !== 'connect') {
    const message = `the connection to ${grant.node.name} broke while ${grant.process} ran: ${outcome.reason}`
    throw new GodwitError('GW_NODE_OFFLINE', message)
  }
  const refusal = outcome.kind === 'refused' ? outcome.refusal : unreachable(grant, outcome.reason)
  await client.post(`/v1/processes/${grant.process}/refused`, refusal, z.unknown())
  run.events({ event: 'refused', process: grant.process, node: grant.node.name, ...refusal })
  if (refusal.kind !== 'refused') throw refusalError(refusal)
  return { kind: 'refused', grant, refusal }
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

/** What placement sees: never the whole environment, only what a JVM reads its size from. */
function requestFor(run: PlacedRun, spec: RunSpec, after: RunGrant | undefined): RunRequest {
  const names = ['JDK_JAVA_OPTIONS', 'JAVA_TOOL_OPTIONS']
  const env = Object.fromEntries(
    names.flatMap(name => (spec.env[name] === undefined ? [] : [[name, spec.env[name]]])),
  )
  return {
    command: [...run.command],
    specSha256: createHash('sha256').update(runSpecBytes(spec)).digest('hex'),
    home: hostname(),
    uid: spec.uid,
    env,
    ...(run.memoryBytes === undefined ? {} : { memoryBytes: run.memoryBytes }),
    ...(run.on === undefined ? {} : { on: run.on }),
    ...(after === undefined ? {} : { retryOf: after.process }),
  }
}

/**
 * Straight to the agent. On the server's own host but in another network namespace (outside a lab) its addresses mean
 * something else, so only a relay is right: the lab's, which outlives the server, or else the server's. Elsewhere the
 * server's relay is the second try.
 */
async function connectAgent(run: PlacedRun, client: AdminClient, grant: RunGrant) {
  const here = hostIdentity()
  const otherNetwork =
    here.hostBootId === grant.server.hostBootId && here.netNamespace !== grant.server.netNamespace
  if (otherNetwork) return secure(await relayed(run, client, grant), grant)
  try {
    return await connectDirect(grant, { timeoutMs: DIRECT_TIMEOUT_MS })
  } catch {
    return secure(await client.relay(grant.node.id), grant)
  }
}

async function relayed(run: PlacedRun, client: AdminClient, grant: RunGrant): Promise<Duplex> {
  const relaySocket = labRelayBeside(run.socketPath)
  if (!existsSync(relaySocket)) return client.relay(grant.node.id)
  return openLabRelay(relaySocket, grant.node.address, grant.node.port)
}

function refusalError(refusal: RefusedPayload): GodwitError {
  if (refusal.kind === 'not-found') return new GodwitError('GW_EXEC_NOT_FOUND', refusal.message)
  if (refusal.kind === 'not-executable') return new GodwitError('GW_EXEC_FAILED', refusal.message)
  return new GodwitError('GW_NODE_REFUSED', refusal.message)
}
