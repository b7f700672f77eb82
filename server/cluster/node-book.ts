import type { Mac } from '../../config/values/mac.ts'
import type { NodeId } from '../../config/values/node-id.ts'
import type { Load } from '../../protocol/hardware.ts'
import type { HomeState } from '../../protocol/home.ts'
import type { Count, Log } from '../../protocol/log.ts'
import type { Store, StoreWrite } from '../store/store.ts'
import { type Collection, collection } from '../store/typed.ts'
import type { NodeChange, NodeEvent } from './change.ts'
import type { Connection } from './connection.ts'
import { nodeIdOf, nodeName } from './name.ts'
import { NODE_PREFIX, NodeRecord, newNode } from './node-record.ts'

/** Machines that never joined but are remembered; more than a LAN has, and a bound against invented MACs. */
const STRANGERS_MAX = 1024

/** One node in memory: its record and what only lives as long as this server. */
export type LiveNode = {
  record: NodeRecord
  load: Load | null
  home: HomeState | null
  reportedAtMs: number | null
  processes: number
  heardAtMs: number
  refusal: string | null
  connection: Connection | null
}

/** Who follows the nodes. Both are called at once, and must not throw. */
export type NodeWatcher = { changed(node: LiveNode): void; forgotten(id: NodeId): void }

/** What {@link openNodeBook} needs. */
export type NodeBookOptions = {
  readonly store: Store
  readonly log: Log
  readonly count: Count
  readonly autoApprove: boolean
  /** Names by reservation. */
  readonly names: ReadonlyMap<Mac, string>
  readonly nowMs: number
}

/** All nodes, kept in memory and written to the store when it matters. */
export class NodeBook {
  readonly #options: NodeBookOptions
  readonly #records: Collection<NodeRecord>
  readonly #nodes = new Map<NodeId, LiveNode>()
  readonly #dirty = new Set<NodeId>()
  #watcher: NodeWatcher | undefined

  private constructor(options: NodeBookOptions) {
    this.#options = options
    this.#records = collection(options.store, NODE_PREFIX, NodeRecord)
  }

  /** Reads all nodes. Those that were here count as heard at `nowMs`: the silence until now was the server's own. */
  static async open(options: NodeBookOptions): Promise<NodeBook> {
    const book = new NodeBook(options)
    const { found, broken } = await book.#records.list()
    for (const { key, problem } of broken)
      options.log.error({ key, problem }, 'a node record does not fit its schema and is left out')
    for (const { value } of found) book.#nodes.set(value.id, liveNode(value, options.nowMs))
    return book
  }

  /** Tells `watcher` of all nodes, and from now on of each change of one, at once. */
  watch(watcher: NodeWatcher): void {
    this.#watcher = watcher
    for (const node of this.#nodes.values()) watcher.changed(node)
  }

  /** To be called after what only lives in memory of a node was changed. */
  touched(node: LiveNode): void {
    this.#watcher?.changed(node)
  }

  get(id: NodeId): LiveNode | undefined {
    return this.#nodes.get(id)
  }

  all(): readonly LiveNode[] {
    return [...this.#nodes.values()]
  }

  /** The node with this MAC, made at first sight. `undefined` when all that never joined have a person's approval. */
  ensure(mac: Mac, nowMs: number): LiveNode | undefined {
    const id = nodeIdOf(mac)
    const known = this.#nodes.get(id)
    const reserved = this.#options.names.get(mac)
    if (known !== undefined && (reserved ?? known.record.name) === known.record.name) return known
    const name = nodeName(mac, reserved, this.#namesBut(id))
    if (known !== undefined) {
      known.record = { ...known.record, name } // the configuration gave it a name since
      this.touched(known)
      return known
    }
    if (!this.#makeRoom()) return undefined
    const node = liveNode(newNode(mac, name, this.#options.autoApprove, nowMs), nowMs)
    this.#nodes.set(id, node)
    this.touched(node)
    return node
  }

  /** Takes a change into memory, logs its events, and marks the record for the next {@link flush}. */
  apply(node: LiveNode, { record, events }: NodeChange): void {
    if (record !== node.record) this.#dirty.add(record.id)
    node.record = record
    this.touched(node)
    for (const event of events) this.#tell(record, event)
  }

  /** Writes all changed records in one transaction; resolves when they are on disk, rejects when they are not. */
  async flush(): Promise<void> {
    const ids = [...this.#dirty]
    this.#dirty.clear()
    if (ids.length === 0) return
    try {
      await this.#options.store.transact(
        [],
        ids.map(id => this.#writing(id)),
      )
    } catch (cause) {
      for (const id of ids) this.#dirty.add(id)
      throw cause
    }
  }

  #writing(id: NodeId): StoreWrite {
    const node = this.#nodes.get(id)
    if (node === undefined) return { kind: 'delete', key: this.#records.key(id) }
    return this.#records.putting(id, node.record)
  }

  /** Forgets the stranger not seen for longest, so that invented MACs lock out no real machine. */
  #makeRoom(): boolean {
    const strangers = this.all().filter(({ record }) => record.join === null)
    if (strangers.length < STRANGERS_MAX) return true
    this.#options.count('cluster', 'too many machines that never joined')
    const isApproved = ({ record }: LiveNode) => record.approved && !this.#options.autoApprove
    const [first, ...others] = strangers.filter(node => !isApproved(node))
    if (first === undefined) return false
    const oldest = others.reduce((a, b) => (b.record.lastSeenAt < a.record.lastSeenAt ? b : a), first)
    this.#nodes.delete(oldest.record.id)
    this.#watcher?.forgotten(oldest.record.id)
    this.#dirty.add(oldest.record.id)
    return true
  }

  #namesBut(id: NodeId): ReadonlySet<string> {
    return new Set(this.all().flatMap(({ record }) => (record.id === id ? [] : [record.name])))
  }

  #tell({ id, name }: NodeRecord, event: NodeEvent): void {
    const { log } = this.#options
    if (event.kind === 'state' && (event.to === 'lost' || event.to === 'failed'))
      log.warn({ node: id, name, ...event }, `${name} is ${event.to}: ${event.reason}`)
    else if (event.kind === 'state') log.info({ node: id, name, ...event }, `${name} is ${event.to}`)
    else log.info({ node: id, name, ...event }, `${name}: ${event.kind}`)
  }
}

/** Drops what a node reported: it is gone, or begins anew, and its old figures would mislead placement. */
export function forgetReport(node: LiveNode): void {
  node.load = null
  node.home = null
  node.reportedAtMs = null
  node.processes = 0
}

function liveNode(record: NodeRecord, heardAtMs: number): LiveNode {
  return {
    record,
    load: null,
    home: null,
    reportedAtMs: null,
    processes: 0,
    heardAtMs,
    refusal: null,
    connection: null,
  }
}
