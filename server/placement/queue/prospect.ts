import type { NodeId } from '../../../config/values/node-id.ts'
import type { Ask } from '../ask.ts'
import { Asks } from '../asks.ts'
import type { Board } from '../board.ts'
import { FILTERS } from '../filters.ts'
import type { PlaceRequest } from '../request.ts'
import type { Slot } from '../slot.ts'

/** Where a process that found no place could go first: it lacks `missingBytes` there now. */
export type Prospect = {
  readonly node: NodeId
  readonly memoryBytes: number
  readonly missingBytes: number
}

/**
 * Filters that give way by waiting; a report comes within a second or the node is lost. All others need somebody to do
 * something, and nobody waits for that.
 */
const PASSING: ReadonlySet<string> = new Set(['memory', 'kept', 'report-stale'])
const LASTING = FILTERS.filter(({ name }) => !PASSING.has(name))

/**
 * The node that will first have the memory for a request, as far as that can be told: the one where it lacks least.
 * `undefined` when no node could take it even with all processes of ours gone, so that waiting is in vain.
 * `systemBytes` is what a node itself uses.
 */
export function prospectOf(
  request: PlaceRequest,
  board: Board,
  systemBytes: (node: NodeId) => number,
): Prospect | undefined {
  const asks = new Asks(request, board, 0)
  let best: Prospect | undefined
  for (const slot of board.slots) {
    const ask = asks.of(slot.shape)
    if (!couldTake(slot, ask, systemBytes(slot.id))) continue
    const { memoryBytes } = ask
    const missingBytes = Math.max(0, slot.memoryBytes + memoryBytes - slot.ceilingBytes)
    const isBetter = best === undefined || missingBytes < best.missingBytes
    if (isBetter || (missingBytes === best?.missingBytes && slot.id < best.node))
      best = { node: slot.id, memoryBytes, missingBytes }
  }
  return best
}

function couldTake(slot: Slot, ask: Ask, systemBytes: number): boolean {
  if (systemBytes + ask.memoryBytes > slot.ceilingBytes) return false
  return !LASTING.some(({ blocks }) => blocks(slot, ask))
}
