import type { NodeId } from '../../config/values/node-id.ts'
import type { Observation } from './observation.ts'
import { isProbeDue, type LastPlaced } from './probe.ts'
import { learnSpeed, logWorkOf, type NodeSpeed, speedFactor } from './speed.ts'

/** How long these figures are good for: nodes come and go by the minute, decisions by the millisecond. */
const SUMMARY_MS = 1000

/** A node to be tried again goes before its equals: above what breaks ties, and no more. */
const PROBE_BONUS = 1.01

/** How long a node waits to be tried before another may: this one may be full, or gone. */
const PROBE_MS = 60_000

type Probe = { readonly node: NodeId; readonly sinceMs: number }

/** The believed speeds of the fleet in short. */
type Summary = { readonly medianSpeed: number; readonly fastest: number; readonly atMs: number }

/** The speeds of all nodes in memory: what their runs have shown, and when each was given something last. */
export class FleetSpeeds {
  readonly #speeds = new Map<NodeId, NodeSpeed>()
  readonly #believed = new Map<NodeId, number>()
  readonly #last = new Map<NodeId, LastPlaced>()
  #placements = 0
  #lastProbe = 0
  #probe: Probe | undefined
  #summary: Summary | undefined

  constructor(kept: readonly NodeSpeed[] = []) {
    for (const speed of kept) this.#speeds.set(speed.node, speed)
  }

  /** The logarithm of the work of a run, by what is believed of its node; see `logWorkOf`. */
  logWork({ node, cpuSeconds, benchmark }: Observation): number | null {
    return logWorkOf(cpuSeconds, benchmark, this.#speeds.get(node))
  }

  /** Takes a run into the speed of its node; returns it when it changed. */
  note(
    { node }: Observation,
    logWork: number | null,
    usual: { readonly logWork: number; readonly workRuns: number } | undefined,
    nowMs: number,
  ): NodeSpeed | undefined {
    if (logWork === null || usual === undefined) return undefined
    const before = this.#speeds.get(node)
    const after = learnSpeed(before, node, logWork, usual, nowMs)
    if (after === undefined || after === before) return undefined
    this.#speeds.set(node, after)
    return after
  }

  /** A process was given to this node. */
  placed(node: NodeId, nowMs: number): void {
    this.#placements += 1
    this.#last.set(node, { atMs: nowMs, placements: this.#placements })
    if (this.#probe?.node !== node) return
    this.#lastProbe = this.#placements
    this.#probe = undefined
  }

  /** See `Knowledge.speedOf`. */
  speedOf(node: NodeId, benchmark: number, nowMs: number): number {
    const speed = benchmark * speedFactor(this.#speeds.get(node))
    this.#believed.set(node, speed)
    const last = this.#last.get(node)
    if (last === undefined) {
      // Seen for the first time: it is passed over from now on.
      this.#last.set(node, { atMs: nowMs, placements: this.#placements })
      return speed
    }
    const { medianSpeed: median, fastest } = this.#summaryAt(nowMs)
    const placements = this.#placements
    const question = { speed, medianSpeed: median, last, placements, lastProbe: this.#lastProbe, nowMs }
    return isProbeDue(question) && this.#mayProbe(node, nowMs) ? fastest * PROBE_BONUS : speed
  }

  /** Forgets a node that left the cluster. */
  forget(node: NodeId): void {
    this.#speeds.delete(node)
    this.#believed.delete(node)
    this.#last.delete(node)
    if (this.#probe?.node === node) this.#probe = undefined
  }

  /** One node at a time waits to be tried: decisions read speeds that may be a report old. */
  #mayProbe(node: NodeId, nowMs: number): boolean {
    if (this.#probe !== undefined && nowMs - this.#probe.sinceMs > PROBE_MS) this.#probe = undefined
    this.#probe ??= { node, sinceMs: nowMs }
    return this.#probe.node === node
  }

  #summaryAt(nowMs: number): Summary {
    if (this.#summary !== undefined && Math.abs(nowMs - this.#summary.atMs) <= SUMMARY_MS)
      return this.#summary
    const sorted = [...this.#believed.values()].sort((a, b) => a - b)
    const middle = sorted[Math.floor(sorted.length / 2)] ?? 1 // the faster of two: of two nodes one is slow
    this.#summary = { medianSpeed: middle, fastest: sorted.at(-1) ?? 1, atMs: nowMs }
    return this.#summary
  }
}
