import type { Demand } from '../../../protocol/decision.ts'
import type { Knowledge } from '../../learning/knowledge.ts'
import type { PlaceRequest } from '../request.ts'
import type { PlacementRules } from '../snapshot.ts'
import { type Reading, readCommand } from './reading.ts'
import type { NodeShape } from './shape.ts'
import { withHistory } from './with-history.ts'

/** What an estimate looks at besides the command. */
export type DemandContext = {
  /** Memory a JVM without a fixed heap shall believe in, the same for all nodes: {@link referenceBytes}. */
  readonly referenceBytes: number
  readonly rules: PlacementRules
  readonly knowledge: Knowledge
  readonly nowMs: number
}

/**
 * Reads the command and looks up its past once; what it returns tells, cheaply, what the process will want on a node
 * of some shape. Pure. Memory and threads asked for by the user go before everything; what runs of the command have used
 * before goes before its flags, the more of them the more; then the flags, then what such programs usually want.
 */
export function prepareDemand(request: PlaceRequest, context: DemandContext): (shape: NodeShape) => Demand {
  return demandBy(readCommand(request, context), request, context)
}

/** The same of a command that is read already. */
export function demandBy(
  { keys, want }: Reading,
  { memoryBytes, threads }: Pick<PlaceRequest, 'memoryBytes' | 'threads'>,
  context: Omit<DemandContext, 'referenceBytes'>,
): (shape: NodeShape) => Demand {
  const learned = withHistory(want, keys, context)
  if (memoryBytes === undefined && threads === undefined) return learned
  const asked = {
    ...(memoryBytes === undefined ? {} : { memoryBytes, memoryMaxBytes: memoryBytes, memoryFrom: 'request' }),
    ...(threads === undefined ? {} : { threads, threadsFrom: 'request' }),
  }
  return shape => ({ ...learned(shape), ...asked })
}

/** What one process will want on one node; for more nodes than one, prepare once. */
export function estimateDemand(request: PlaceRequest, shape: NodeShape, context: DemandContext): Demand {
  return prepareDemand(request, context)(shape)
}
