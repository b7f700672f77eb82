import { createHash } from 'node:crypto'
import type { ServerConfig } from '../../config/server.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { NodeId, ProcessId } from '../../config/values/node-id.ts'
import type { BootEvent, Firmware } from '../../protocol/boot.ts'
import { isDoctor } from '../../protocol/doctor.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import type { BootRecord, NodeView } from '../../protocol/node.ts'
import type { Output, OutputAsked } from '../../protocol/output.ts'
import type { People } from '../../protocol/people.ts'
import type { NodeFacts } from '../placement/measure.ts'
import { type After, afterRealTime } from '../store/expiry-timer.ts'
import type { Store } from '../store/store.ts'
import { type ClusterNode, factsOf } from './cluster-node.ts'
import type { Connection, LinkHandlers } from './connection.ts'
import type { Identity } from './identity/service.ts'
import { applyBoot } from './inventory.ts'
import { createLinkHandlers } from './link-handlers.ts'
import { applyApproval, applyDrain } from './membership.ts'
import { reservedNames } from './name.ts'
import { type LiveNode, NodeBook } from './node-book.ts'
import { Orders } from './orders.ts'
import type { ProcessListener } from './process-listener.ts'
import { RunDesk, type RunPlaces } from './run-desk.ts'
import { viewOf } from './standing.ts'
import { createSweep, SWEEP_MS } from './sweep.ts'
import { bootRecordOf } from './timeline.ts'
import { TOKEN_BYTES } from './token.ts'
import { mintToken } from './token-store.ts'

/** What {@link startCluster} needs. `random` gives that many octets of chance. */
export type ClusterOptions = {
  readonly config: Pick<ServerConfig, 'cluster' | 'dhcp' | 'network'>
  readonly store: Store
  readonly identity: Pick<Identity, 'issueNode' | 'ticketKeyOf'>
  readonly now: Now
  readonly random: (sizeBytes: number) => Uint8Array
  readonly log: Log
  readonly count: Count
  /** What approved nodes are told of the users; nothing without it. */
  readonly people?: () => People
  /** One-shot timers; the process' own unless a test owns time. */
  readonly after?: After
}

/** The boot that a machine is about to do, and what its boot script hands it. */
type PreparedBoot = { readonly bootId: string; readonly token: string; readonly nodeName: string }

/** The nodes of this server. `link` is what the link service calls. */
export type Cluster = {
  readonly link: LinkHandlers
  /** Takes one thing seen of a booting machine; never throws, never waits. */
  bootEvent(event: BootEvent): void
  /** A one-time join token for the machine's present boot, on disk when this resolves. Rejects with GW_STORE. */
  prepareBoot(machine: { readonly mac: Mac; readonly firmware?: Firmware }): Promise<PreparedBoot>
  nodes(): readonly NodeView[]
  node(idOrName: string): NodeView | undefined
  /** The kept boots of a node, newest first. Throws GW_NODE_UNKNOWN. */
  timeline(idOrName: string): readonly BootRecord[]
  snapshot(): readonly ClusterNode[]
  clusterNode(id: NodeId): ClusterNode | undefined
  /** Tells of all nodes, and then of each change of one, at once; neither may throw. */
  watch(changed: (facts: NodeFacts) => void, forgotten: (id: NodeId) => void): void
  /** Lets a waiting node work, now and after later boots. Rejects with GW_NODE_UNKNOWN or GW_STORE. */
  approve(idOrName: string): Promise<void>
  /** Gives a node no new processes, or again some; those it has stay. Rejects with GW_NODE_UNKNOWN or GW_STORE. */
  drain(idOrName: string, draining: boolean): Promise<void>
  /** Tells every approved node that is here the users; to call when they changed. */
  tellPeople(): void
  /** Sends a signal to a process. Rejects with GW_NODE_UNKNOWN, GW_NODE_OFFLINE or GW_NODE_REFUSED. */
  kill(nodeId: NodeId, processId: ProcessId, signal: string): Promise<void>
  /** Reads the kept output of a process. Rejects with GW_NODE_UNKNOWN, GW_NODE_OFFLINE or GW_NO_OUTPUT. */
  output(nodeId: NodeId, processId: ProcessId, asked: OutputAsked): Promise<Output>
  subscribe(listener: ProcessListener): void
  /** Who answers when somebody on a node asks for a place. */
  serveRuns(places: RunPlaces): void
  /** Marks silent nodes lost and writes what is due; runs by itself each second. */
  sweep(): Promise<void>
  close(): Promise<void>
}

/** Opens the nodes the store knows and starts to watch over them. Rejects with GW_STORE. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { config, now, log } = options
  const after = options.after ?? afterRealTime
  const book = await NodeBook.open({
    ...options,
    autoApprove: config.cluster.approval === 'auto',
    names: reservedNames(config),
    nowMs: now(),
  })
  const listeners: ProcessListener[] = []
  const orders = new Orders(after)
  const tellPeople = ({ connection, record }: LiveNode) => {
    if (record.approved && options.people !== undefined)
      connection?.send({ type: 'people', people: options.people() })
  }
  const desk = new RunDesk()
  const link = createLinkHandlers({ ...options, book, listeners, orders, desk, sha256 })
  const find = (idOrName: string) =>
    book.all().find(({ record }) => record.id === idOrName || record.name === idOrName)
  const need = (idOrName: string): LiveNode => {
    const node = find(idOrName)
    if (node === undefined) throw new GodwitError('GW_NODE_UNKNOWN', `there is no node "${idOrName}"`)
    return node
  }
  const agentOf = (nodeId: NodeId): Connection => {
    const { connection, record } = need(nodeId)
    if (connection !== null) return connection
    throw new GodwitError('GW_NODE_OFFLINE', `${record.name} is not connected to the server`)
  }

  const lostAfterMs = config.cluster.lostAfterSeconds * 1000
  const sweep = createSweep({ book, listeners, lostAfterMs, now, log })
  const sweepOften = () =>
    void sweep()
      .catch(error => log.error({ error: String(error) }, 'a sweep over the nodes failed'))
      .finally(() => {
        if (!isClosed) cancelSweep = after(SWEEP_MS, sweepOften)
      })
  let isClosed = false
  let cancelSweep = after(SWEEP_MS, sweepOften)

  return {
    link,
    sweep,
    bootEvent: event => seeBoot(book, event, now()),
    prepareBoot: machine => prepareBoot(book, machine, options),
    nodes: () => book.all().map(toView),
    node: idOrName => {
      const node = find(idOrName)
      return node === undefined ? undefined : toView(node)
    },
    timeline: idOrName => need(idOrName).record.boots.map(bootRecordOf).reverse(),
    snapshot: () => book.all().map(toClusterNode),
    clusterNode: id => {
      const node = book.get(id)
      return node === undefined ? undefined : toClusterNode(node)
    },
    watch: (changed, forgotten) => book.watch({ changed: node => changed(factsOf(node)), forgotten }),
    async approve(idOrName) {
      const node = need(idOrName)
      book.apply(node, applyApproval(node.record, now()))
      await book.flush()
      node.connection?.send({ type: 'state', state: 'ready' })
      tellPeople(node)
    },
    async drain(idOrName, draining) {
      const node = need(idOrName)
      book.apply(node, applyDrain(node.record, draining, now()))
      await book.flush()
    },
    tellPeople: () => book.all().forEach(tellPeople),
    async kill(nodeId, id, signal) {
      await orders.send(agentOf(nodeId), { type: 'kill', id, signal }, { refusedAs: 'GW_NODE_REFUSED' })
    },
    async output(nodeId, id, asked) {
      const order = { type: 'output-asked', id, ...asked } as const
      const options = { refusedAs: 'GW_NO_OUTPUT', waitMs: asked.waitMs } as const
      const { output } = await orders.send(agentOf(nodeId), order, options)
      if (output !== undefined) return output
      throw new GodwitError('GW_BAD_MESSAGE', 'the node answered without an output')
    },
    subscribe: listener => void listeners.push(listener),
    serveRuns: places => desk.serve(places),
    async close() {
      isClosed = true
      cancelSweep()
      for (const { connection } of book.all()) connection?.close('the server stops')
      await book.flush()
    },
  }
}

/** Stages that only the agent link may date; boot HTTP takes any stage from anyone. */
const LINK_STAGES: ReadonlySet<string> = new Set(['agent-start', 'joined', 'ready'])

function seeBoot(book: NodeBook, event: BootEvent, nowMs: number): void {
  if (LINK_STAGES.has(event.stage) || isDoctor(event.mac)) return
  const node = book.ensure(event.mac, nowMs)
  if (node !== undefined) book.apply(node, applyBoot(node.record, event))
}

async function prepareBoot(
  book: NodeBook,
  { mac, firmware }: { readonly mac: Mac; readonly firmware?: Firmware },
  { store, random, now, config }: ClusterOptions,
): Promise<PreparedBoot> {
  const atMs = now()
  seeBoot(book, { mac, stage: 'script', atMs, ...(firmware === undefined ? {} : { firmware }) }, atMs)
  const node = book.ensure(mac, atMs)
  const boot = node?.record.boots.at(-1)
  if (node === undefined || boot === undefined)
    throw new GodwitError('GW_NODE_REFUSED', 'too many machines are known that never joined')
  node.refusal = null // of an earlier boot
  await book.flush() // before the token: a machine that joins must be known
  const expiresAtMs = atMs + config.cluster.tokenSeconds * 1000
  const token = await mintToken(store, sha256, random(TOKEN_BYTES), { mac, bootId: boot.id, expiresAtMs })
  return { bootId: boot.id, token, nodeName: node.record.name }
}

function toView(node: LiveNode): NodeView {
  return viewOf(node.record, { ...node, lastSeenAt: Math.max(node.record.lastSeenAt, lastHeard(node)) })
}

/** A node only counts as heard at the server's start for its grace, not for people who read "last seen". */
function lastHeard({ reportedAtMs }: LiveNode): number {
  return reportedAtMs ?? 0
}

function toClusterNode(node: LiveNode): ClusterNode {
  const { join } = node.record
  return {
    view: toView(node),
    kernelBootId: join?.kernelBootId ?? null,
    agentPort: join?.agentPort ?? null,
    present: join !== null && join.lostAtMs === null,
    connected: node.connection !== null,
    reportedAtMs: node.reportedAtMs,
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
