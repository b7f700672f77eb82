import { randomBytes } from 'node:crypto'
import { hostname, totalmem } from 'node:os'
import type { ServerConfig } from '../config/server.ts'
import { GodwitError } from '../protocol/errors.ts'
import type { Log, Now } from '../protocol/log.ts'
import { type Identity, openIdentity } from './cluster/identity/service.ts'
import type { RunPlaces } from './cluster/run-desk.ts'
import { type Cluster, startCluster } from './cluster/service.ts'
import { defaultCacheBytes } from './http/chunk-cache.ts'
import { type SharedFiles, shareFiles } from './http/io/shared-files.ts'
import { type Counters, createCounters } from './io/counters.ts'
import { hostIdentity } from './io/host-identity.ts'
import { type ImageCatalog, openImageCatalog } from './io/image-catalog.ts'
import { createLog } from './io/log.ts'
import { createMetrics, type Metrics } from './io/metrics.ts'
import { type Libc, loadLibc } from './io/native/libc.ts'
import { openStateFolder, type StatePaths } from './io/state-folder.ts'
import { observedNode } from './learning/observation.ts'
import { type LearningService, startLearning } from './learning/service.ts'
import { readAddresses } from './links/io/addresses.ts'
import type { WantedLink } from './links/link.ts'
import { wantedLinks } from './links/wanted.ts'
import type { placerByScore, ScorePlacer } from './place-process.ts'
import { type Processes, startProcesses } from './processes/service.ts'
import { createRunPlaces } from './run-places.ts'
import { openSqliteStore } from './store/sqlite.ts'
import type { Store } from './store/store.ts'
import { openUsers } from './users/service.ts'

/** What all parts of the server share. */
export type House = {
  readonly config: ServerConfig
  readonly version: string
  readonly startedAt: number
  readonly paths: StatePaths
  /** The NICs that face machines, there or not yet; at least one. */
  readonly wanted: readonly WantedLink[]
  readonly log: Log
  readonly now: Now
  readonly counters: Counters
  readonly metrics: Metrics
  readonly store: Store
  readonly identity: Identity
  readonly cluster: Cluster
  readonly learning: LearningService
  readonly processes: Processes
  /** Places what doors ask for. */
  readonly places: RunPlaces
  readonly catalog: ImageCatalog
  readonly files: SharedFiles
  /** For what is sent by calls that Node does not offer; undefined: by Node alone. */
  readonly libc: Libc | undefined
}

/** Remembers a part that must be closed at the end, and returns it. */
export type Keep = <T extends { close(): Promise<void> }>(part: T) => T

/** Between two looks at who has had his time, milliseconds. */
const DEADLINE_MS = 1000

/** Makes what decides where processes run; {@link placerByScore} is what a server has. */
export type MakePlacer = typeof placerByScore

/** Opens state, identity, cluster and processes; nothing listens yet. Rejects with a GodwitError. */
export async function openHouse(
  config: ServerConfig,
  version: string,
  keep: Keep,
  makePlacer: MakePlacer,
): Promise<House> {
  const now = () => Date.now()
  const random = (sizeBytes: number): Uint8Array => randomBytes(sizeBytes)
  const log = createLog(config.log.level)
  const choice = wantedLinks(config.network, await readAddresses())
  if (choice.kind === 'unclear') throw new GodwitError('GW_NO_INTERFACE', choice.reason)
  const paths = await openStateFolder(config)
  const counters = createCounters()
  const metrics = createMetrics(counters, now)
  const store = keep(openSqliteStore({ path: paths.database, now }))
  const identity = await openIdentity({
    stateDir: paths.stateDir,
    dnsNames: [hostname(), 'localhost'],
    now,
    random,
  })
  const shared = { config, store, now, random, log, count: counters.count }
  const users = keep(await openUsers(config.users, { log, onChange: () => cluster.tellPeople() }))
  // Before the cluster, so that it is closed after it: what nodes tell to the last is learned.
  const learning = keep(await startLearning(shared))
  const cluster = keep(await startCluster({ ...shared, identity, people: users.people }))
  const placer = learningFrom(makePlacer(config, learning.knowledge), learning)
  cluster.watch(placer.nodeChanged, placer.nodeForgotten)
  const processes = await startProcesses({
    ...shared,
    sign: identity.signTicket,
    placer,
    node: cluster.clusterNode,
    kill: cluster.kill,
    output: cluster.output,
    onEnded: (record, demand) => learning.ended(record, demand, observedNode(cluster.node(record.node))),
  })
  cluster.subscribe(processes.news)
  const deadlines = setInterval(() => void processes.endOverdue(), DEADLINE_MS).unref()
  keep({ close: async () => clearInterval(deadlines) })
  const places = createRunPlaces({ processes, caPem: identity.caCertPem, server: hostIdentity(), log })
  cluster.serveRuns(places)
  metrics.states('godwit_nodes', 'Nodes by state', () => cluster.nodes().map(node => node.state))
  const catalog = openImageCatalog(paths.imageDir)
  const { cacheSize = defaultCacheBytes(totalmem()) } = config.http
  const libc = config.native.send === 'off' ? undefined : loadLibc()
  const files = shareFiles(cacheSize)
  const startedAt = now()
  return {
    config,
    version,
    startedAt,
    paths,
    wanted: choice.links,
    log,
    now,
    counters,
    metrics,
    store,
    identity,
    cluster,
    learning,
    processes,
    places,
    catalog,
    files,
    libc,
  }
}

/** The same placer, and learning hears of placements, so that a node that gets nothing for long is tried again. */
function learningFrom(placer: ScorePlacer, learning: LearningService): ScorePlacer {
  return {
    ...placer,
    hold(record, demand) {
      if (demand !== null) learning.placed(record.node)
      placer.hold(record, demand)
    },
    nodeForgotten(id) {
      learning.nodeForgotten(id)
      placer.nodeForgotten(id)
    },
  }
}
