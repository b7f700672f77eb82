import type { NodeId } from '../../config/values/node-id.ts'
import { type Knowledge, NOTHING_KNOWN } from '../learning/knowledge.ts'
import { Readings } from './demand/readings.ts'
import { referenceBytes } from './demand/reference.ts'
import type { NodeShape } from './demand/shape.ts'
import { type Slot, slotOf } from './slot.ts'
import type { NodeSnapshot, PlacementRules, Snapshot } from './snapshot.ts'
import { Warmth } from './warmth.ts'

/** Equal machines differ by what their firmware keeps for itself; in steps of this, and of a thread, they are equal. */
const SHAPE_STEP_BYTES = 64 << 20

/**
 * All nodes, ready for decisions. Whoever keeps it tells it of each change of a node (a report, a placement, an end);
 * what follows from the node is then worked out once, and a decision only reads.
 */
export class Board {
  readonly rules: PlacementRules
  readonly knowledge: Knowledge
  readonly warmth: Warmth
  readonly readings: Readings
  readonly #slots: Slot[] = []
  readonly #at = new Map<string, number>()
  readonly #byName = new Map<string, NodeId>()
  readonly #shapes: NodeShape[] = []
  readonly #shapeAt = new Map<string, number>()
  #referenceBytes: number | undefined

  constructor(rules: PlacementRules, knowledge: Knowledge = NOTHING_KNOWN, warmth = new Warmth()) {
    this.rules = rules
    this.knowledge = knowledge
    this.warmth = warmth
    this.readings = new Readings(rules)
  }

  /** A board of these nodes. */
  static of({ nodes, rules, knowledge, warmth }: Snapshot): Board {
    const board = new Board(rules, knowledge, warmth)
    for (const node of nodes) board.put(node)
    return board
  }

  get slots(): readonly Slot[] {
    return this.#slots
  }

  /** The shape of a slot. Throws RangeError for one of another board. */
  shape(index: number): NodeShape {
    const shape = this.#shapes[index]
    if (shape === undefined) throw new RangeError(`there is no shape ${index}`)
    return shape
  }

  get(id: NodeId): NodeSnapshot | undefined {
    const at = this.#at.get(id)
    return at === undefined ? undefined : this.#slots[at]?.node
  }

  /** The node of this name or id. */
  idOf(nameOrId: string): NodeId | undefined {
    return this.#byName.get(nameOrId) ?? this.#slots[this.#at.get(nameOrId) ?? -1]?.id
  }

  /** Takes a node in, or what became of it. */
  put(node: NodeSnapshot): void {
    const at = this.#at.get(node.id) ?? this.#slots.length
    const slot = this.#slots[at]
    const before = slot?.node
    if (before === undefined) this.#at.set(node.id, at)
    if (before?.name !== node.name) this.#rename(before, node)
    const hasSameMemory = before?.memoryTotalBytes === node.memoryTotalBytes
    if (before?.state !== node.state || !hasSameMemory) this.#referenceBytes = undefined
    const isSameMachine = hasSameMemory && before.capacity === node.capacity
    const shape = slot !== undefined && isSameMachine ? slot.shape : this.#shapeOf(node)
    this.#slots[at] = slotOf(node, shape, this.rules)
  }

  /** Forgets a node. */
  remove(id: NodeId): void {
    const at = this.#at.get(id)
    if (at === undefined) return
    this.#referenceBytes = undefined
    this.#at.delete(id)
    this.#rename(this.#slots[at]?.node, undefined)
    const last = this.#slots.pop()
    if (last === undefined || last.id === id) return
    this.#slots[at] = last
    this.#at.set(last.id, at)
  }

  /** What a JVM without a fixed heap shall believe the memory of a node to be. */
  referenceBytes(): number {
    this.#referenceBytes ??= referenceBytes({ nodes: this.#slots.map(({ node }) => node), rules: this.rules })
    return this.#referenceBytes
  }

  #rename(before: NodeSnapshot | undefined, after: NodeSnapshot | undefined): void {
    if (before !== undefined && this.#byName.get(before.name) === before.id) this.#byName.delete(before.name)
    if (after !== undefined) this.#byName.set(after.name, after.id)
  }

  #shapeOf(node: NodeSnapshot): number {
    const shape = {
      capacity: Math.round(node.capacity),
      memoryTotalBytes: Math.floor(node.memoryTotalBytes / SHAPE_STEP_BYTES) * SHAPE_STEP_BYTES,
    }
    const key = `${shape.capacity}/${shape.memoryTotalBytes}`
    const known = this.#shapeAt.get(key)
    if (known !== undefined) return known
    const index = this.#shapes.push(shape) - 1
    this.#shapeAt.set(key, index)
    return index
  }
}
