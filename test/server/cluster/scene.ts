import { generateKeyPairSync, type KeyPairKeyObjectResult, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket from 'ws'
import { ServerConfig } from '../../../config/server.ts'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { Mac } from '../../../config/values/mac.ts'
import type { Hardware } from '../../../protocol/hardware.ts'
import {
  type AgentHello,
  type AgentMessage,
  LINK_PATH,
  LINK_PROTOCOL,
  ServerMessage,
} from '../../../protocol/link.ts'
import type { Log } from '../../../protocol/log.ts'
import type { People } from '../../../protocol/people.ts'
import {
  type Identity,
  openIdentity,
  type ServerCertificate,
} from '../../../server/cluster/identity/service.ts'
import { startLink } from '../../../server/cluster/link/service.ts'
import { type Cluster, startCluster } from '../../../server/cluster/service.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import type { Store } from '../../../server/store/store.ts'

export const mac = Mac.parse('52:54:00:77:00:01')
const ip = Ipv4.parse('10.77.0.50')
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

export const hardware: Hardware = {
  cpu: { vendor: 'Intel', model: 'Core 2 Duo E8400', cores: 2, threads: 2, mhz: 3000, flags: ['sse2'] },
  memory: { totalBytes: 2 ** 31, modules: [] },
  disks: [],
  nics: [],
  board: { vendor: '', model: '', serial: '' },
  system: { vendor: '', model: '', serial: '', uuid: '' },
  firmware: { kind: 'bios', vendor: '', version: '', date: '' },
  kernel: '6.12.0',
  missingTools: [],
}
export const speed = { single: 0.5, all: 1 }

/** An identity with the certificate of its loopback address. */
export type TestIdentity = Identity & ServerCertificate & { remove(): Promise<void> }

/** A throw-away identity; `remove` deletes its folder. */
export async function makeIdentity(): Promise<TestIdentity> {
  const stateDir = await mkdtemp(join(tmpdir(), 'gw-cluster-'))
  const identity = await openIdentity({
    stateDir,
    dnsNames: [],
    now: Date.now,
    random: randomBytes,
  })
  const certificate = await identity.serverFor(Ipv4.parse('127.0.0.1'))
  return { ...identity, ...certificate, remove: () => rm(stateDir, { recursive: true }) }
}

/** The clock of a test; the cluster's timers never fire, a test calls `sweep`. */
type Clock = { nowMs: number }

export type SceneOptions = {
  readonly identity: Identity & ServerCertificate
  readonly clock?: Clock
  readonly store?: Store
  readonly config?: unknown
  readonly people?: () => People
}
export type Scene = {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly store: Store
  readonly port: number
  readonly counted: Map<string, number>
  stop(): Promise<void>
}

/** A cluster with its link on a free loopback port. */
export async function startScene({ identity, config = {}, ...options }: SceneOptions): Promise<Scene> {
  const clock = options.clock ?? { nowMs: Date.now() }
  const now = () => clock.nowMs
  const store = options.store ?? createMemoryStore({ now })
  const counted = new Map<string, number>()
  const count = (area: string, reason: string) =>
    void counted.set(`${area}: ${reason}`, (counted.get(`${area}: ${reason}`) ?? 0) + 1)
  const cluster = await startCluster({
    config: ServerConfig.parse(config),
    store,
    identity,
    now,
    random: randomBytes,
    log: silent,
    count,
    after: () => () => {},
    ...(options.people === undefined ? {} : { people: options.people }),
  })
  const link = await startLink({
    address: '127.0.0.1',
    port: 0,
    identity,
    handlers: cluster.link,
    log: silent,
    count,
  })
  const stop = async () => {
    await cluster.close()
    await link.close()
  }
  return { cluster, clock, store, counted, port: link.port, stop }
}

/** What came over a link: a message, or the end with its code and reason. */
type Received = ServerMessage | { readonly type: 'closed'; readonly code: number; readonly reason: string }

/** A real WebSocket client that speaks as an agent. */
export type Agent = {
  send(message: AgentMessage | string | Buffer): void
  /** The next thing received, in order. */
  next(): Promise<Received>
  close(): void
}

export type Credentials = { readonly cert?: string; readonly key?: string }

/** Connects to the link and verifies the server by `caCertPem`; rejects when TLS or the upgrade fails. */
export async function connectAgent(
  port: number,
  caCertPem: string,
  credentials: Credentials = {},
): Promise<Agent> {
  const socket = new WebSocket(`wss://127.0.0.1:${port}${LINK_PATH}`, { ca: caCertPem, ...credentials })
  const received: Received[] = []
  const waiting: ((item: Received) => void)[] = []
  const take = (item: Received) => {
    const waiter = waiting.shift()
    if (waiter === undefined) received.push(item)
    else waiter(item)
  }
  socket.on('message', data => take(ServerMessage.parse(JSON.parse(data.toString()))))
  socket.on('close', (code, reason) => take({ type: 'closed', code, reason: reason.toString() }))
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  socket.on('error', () => {})
  return {
    send: message =>
      socket.send(
        typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message),
      ),
    next: () => {
      const item = received.shift()
      return item === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve(item)
    },
    close: () => socket.terminate(),
  }
}

/** A key pair as an agent makes one at each boot. */
export function agentKeys(): KeyPairKeyObjectResult & {
  readonly publicKeyPem: string
  readonly privateKeyPem: string
} {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    ...pair,
    publicKeyPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** A hello of the machine of this scene. */
export function hello(change: Partial<AgentHello> = {}): AgentHello {
  return {
    type: 'hello',
    protocol: LINK_PROTOCOL,
    kernelBootId: 'kernel-1',
    mac,
    ip,
    agentVersion: '0.1.0',
    agentPort: 7444,
    ...change,
  }
}

/** Boots the machine and joins it: the agent, its certificate and key for later returns. */
export async function joinNode(scene: Scene, identity: Identity, kernelBootId = 'kernel-1') {
  const keys = agentKeys()
  const { token } = await scene.cluster.prepareBoot({ mac, firmware: 'bios' })
  const agent = await connectAgent(scene.port, identity.caCertPem)
  agent.send(hello({ token, kernelBootId, publicKeyPem: keys.publicKeyPem }))
  const welcome = await agent.next()
  if (welcome.type !== 'welcome' || welcome.certificatePem === undefined)
    throw new Error(JSON.stringify(welcome))
  agent.send({ type: 'hardware', hardware, speed })
  return { agent, token, keys, credentials: { cert: welcome.certificatePem, key: keys.privateKeyPem } }
}

/** Waits until everything the agent sent so far is dealt with: it reports, and the report shows. */
export async function settled(
  scene: Scene,
  agent: Agent,
  processes: (AgentMessage & { type: 'report' })['processes'] = [],
) {
  const reported = new Promise<void>(resolve => {
    scene.cluster.subscribe({ ...idle, report: async () => resolve() })
  })
  agent.send({ type: 'report', seq: 1, processes, load })
  await reported
}

const load = {
  atMs: 0,
  cpuBusy: 0.25,
  runnable: 1,
  memoryAvailableBytes: 2 ** 30,
  memoryTotalBytes: 2 ** 31,
  psiCpu: null,
  psiMemory: null,
  uptimeSeconds: 60,
}

const idle = {
  async joined() {},
  async lost() {},
  async started() {},
  async ended() {},
  async report() {},
}
