import * as z from 'zod'
import { Ipv4 } from '../config/values/ipv4.ts'
import { Mac } from '../config/values/mac.ts'
import { ImageDigest, NodeId, ProcessId } from '../config/values/node-id.ts'
import { RunGrant, RunRequest } from './admin.ts'
import { StageName } from './boot.ts'
import { Hardware, Load, Speed } from './hardware.ts'
import { HomeState } from './home.ts'
import { Output, OutputAsked } from './output.ts'
import { People } from './people.ts'
import { Ending, Usage } from './process.ts'

/** The version of the agent link; a server refuses any other with GW_BAD_MESSAGE. */
export const LINK_PROTOCOL = 1
/** Path of the WebSocket on the API port. */
export const LINK_PATH = '/v1/link'
/** Largest link message either side takes, bytes. */
export const LINK_MAX_MESSAGE_BYTES = 1 << 20

/**
 * First message of every connection. A fresh boot shows its one-time `token`; a reconnect shows none, its TLS client
 * certificate (issued at join) speaks for it. `kernelBootId` is /proc/sys/kernel/random/boot_id, `bootRecord` the id
 * that the server gave this boot on the kernel command line.
 */
const Hello = z.object({
  type: z.literal('hello'),
  protocol: z.number().int(),
  token: z.string().max(200).optional(),
  kernelBootId: z.string().max(64),
  bootRecord: z.string().max(64).optional(),
  mac: Mac,
  ip: Ipv4,
  image: ImageDigest.optional(),
  agentVersion: z.string().max(40),
  /** SPKI PEM of the agent's key; the server certifies it: with the token for the first time, later to renew. */
  publicKeyPem: z.string().max(2000).optional(),
  agentPort: z.number().int().min(1).max(65_535),
})

/** A stage of this boot that only the node can tell; `atMs` is by the node's clock. */
const StageSeen = z.object({
  type: z.literal('stage'),
  stage: StageName,
  atMs: z.number(),
  detail: z.string().max(500).optional(),
})
export type StageSeen = z.output<typeof StageSeen>

const HardwareReport = z.object({ type: z.literal('hardware'), hardware: Hardware, speed: Speed })
export type HardwareReport = z.output<typeof HardwareReport>

/** A process the agent holds. Sent in every report, so a restarted server learns what runs. */
const RunningProcess = z.object({
  id: ProcessId,
  pid: z.number().int(),
  startedAtMs: z.number(),
  usage: Usage,
})
export type RunningProcess = z.output<typeof RunningProcess>

const LoadReport = z.object({
  type: z.literal('report'),
  seq: z.number().int(),
  load: Load,
  processes: z.array(RunningProcess).max(4096),
  /** Absent where the boot parameters name no home folder. */
  home: HomeState.optional(),
})

/** The process runs; told once and, until acknowledged, again after a reconnect. */
const ProcessStarted = z.object({
  type: z.literal('process-started'),
  id: ProcessId,
  pid: z.number().int(),
  startedAtMs: z.number(),
})
export type ProcessStarted = z.output<typeof ProcessStarted>

/** The process ended; kept by the agent until the server acknowledges it. */
const ProcessEnded = z.object({
  type: z.literal('process-ended'),
  id: ProcessId,
  startedAtMs: z.number(),
  endedAtMs: z.number(),
  ending: Ending,
  usage: Usage,
})
export type ProcessEnded = z.output<typeof ProcessEnded>

/** What became of a `kill` or an `output-asked`; without `error` it was done. */
const Answer = z.object({
  type: z.literal('answer'),
  requestId: z.number().int(),
  error: z.string().max(500).optional(),
  /** What an `output-asked` asked for. */
  output: Output.optional(),
})
export type Answer = z.output<typeof Answer>

/** Somebody on the node asks for a place; answered by `run-queued` (any number) and one of the other three. */
const RunAsked = z.object({
  type: z.literal('run-request'),
  requestId: z.number().int(),
  request: RunRequest,
})
export type RunAsked = z.output<typeof RunAsked>

/** Who asked has gone. */
const RunGivenUp = z.object({ type: z.literal('run-cancel'), requestId: z.number().int() })
export type RunGivenUp = z.output<typeof RunGivenUp>

/** The node that was chosen has not started the process. */
const RunRefused = z.object({
  type: z.literal('run-refused'),
  id: ProcessId,
  code: z.string().max(40),
  message: z.string().max(500),
})
export type RunRefused = z.output<typeof RunRefused>

/** Agent → server. */
export const AgentMessage = z.discriminatedUnion('type', [
  Hello,
  StageSeen,
  HardwareReport,
  LoadReport,
  ProcessStarted,
  ProcessEnded,
  Answer,
  RunAsked,
  RunGivenUp,
  RunRefused,
])
export type AgentMessage = z.output<typeof AgentMessage>
export type AgentHello = z.output<typeof Hello>

/** The node is known. `certificatePem` comes with every hello that showed a key: a join, or a renewal. */
const Welcome = z.object({
  type: z.literal('welcome'),
  nodeId: NodeId,
  name: z.string(),
  state: z.enum(['pending', 'ready']),
  certificatePem: z.string().optional(),
  /** What tickets for this boot of this node are signed with: 32 octets that nobody else is told, in base64url. */
  ticketKey: z.string().regex(/^[\w-]{43}$/),
  reportSeconds: z.number().positive(),
})
export type Welcome = z.output<typeof Welcome>

/** The server will not have this agent; the connection closes after it. */
const Refused = z.object({ type: z.literal('refused'), code: z.string(), message: z.string() })
export type Refused = z.output<typeof Refused>

/** The server has stored the start or end of this process. */
const Acknowledged = z.object({
  type: z.literal('ack'),
  id: ProcessId,
  of: z.enum(['process-started', 'process-ended']),
})
/** Send `signal` (a name, SIGKILL ends the whole cgroup) to the process; answered by `answer`. */
const Kill = z.object({
  type: z.literal('kill'),
  requestId: z.number().int(),
  id: ProcessId,
  signal: z.string().max(20),
})
export type Kill = z.output<typeof Kill>

/** Tell of the kept output of a detached process; answered by `answer`. */
const OutputWanted = OutputAsked.extend({
  type: z.literal('output-asked'),
  requestId: z.number().int(),
  id: ProcessId,
})
export type OutputWanted = z.output<typeof OutputWanted>

/** The node was approved (or set back). */
const StateChanged = z.object({ type: z.literal('state'), state: z.enum(['pending', 'ready']) })

/** The server's ordinary users, all of them each time: after the welcome, after an approval, and when they changed. */
const PeopleKnown = z.object({ type: z.literal('people'), people: People })

const requestId = z.number().int()
const RunGranted = z.object({ type: z.literal('run-grant'), requestId, grant: RunGrant })
const RunQueued = z.object({ type: z.literal('run-queued'), requestId, message: z.string().max(500) })
const NoPlace = z.object({
  type: z.literal('no-place'),
  requestId,
  code: z.string().max(40),
  message: z.string().max(2000),
  details: z.array(z.string().max(500)).max(200),
})
const RunHome = z.object({ type: z.literal('run-home'), requestId, reason: z.string().max(500) })
/** What became of a `run-request`: where it runs, that it waits, that nobody takes it, or that home is best. */
export const RunAnswered = z.discriminatedUnion('type', [RunGranted, RunQueued, NoPlace, RunHome])
export type RunAnswered = z.output<typeof RunAnswered>

/** Server → agent. */
export const ServerMessage = z.discriminatedUnion('type', [
  Welcome,
  Refused,
  Acknowledged,
  Kill,
  OutputWanted,
  StateChanged,
  PeopleKnown,
  RunGranted,
  RunQueued,
  NoPlace,
  RunHome,
])
export type ServerMessage = z.output<typeof ServerMessage>
