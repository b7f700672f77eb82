import type { Demand } from '../../../protocol/decision.ts'
import type { Knowledge } from '../../learning/knowledge.ts'
import type { PlaceRequest } from '../request.ts'
import type { PlacementRules } from '../snapshot.ts'
import { commandKeys } from './command-key.ts'
import { isJava, type JvmCommand, readJvmCommand } from './jvm-command.ts'
import { readJvmTool } from './jvm-tool.ts'
import { jvmToolWant, jvmWant } from './jvm-want.ts'
import { programWant } from './program-want.ts'
import type { NodeShape } from './shape.ts'
import { unwrap } from './unwrap.ts'
import type { Want } from './want.ts'
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
  const { argFiles = new Map() } = request
  const { command, env } = unwrap(request.command, request.env)
  const java = isJava(command) ? readJvmCommand(command, env, argFiles) : undefined
  const keys = commandKeys(command, java, request.uid ?? 0)
  const want = wantOf(command, env, java, context)
  const learned = withHistory(want, keys, context)
  const { memoryBytes, threads } = request
  if (memoryBytes === undefined && threads === undefined) return learned
  const asked = {
    ...(memoryBytes === undefined ? {} : { memoryBytes, memoryMaxBytes: memoryBytes, memoryFrom: 'request' }),
    ...(threads === undefined ? {} : { threads, threadsFrom: 'request' }),
  }
  return shape => ({ ...learned(shape), ...asked })
}

function wantOf(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  java: JvmCommand | undefined,
  { referenceBytes, rules }: DemandContext,
): Want {
  if (java !== undefined) return jvmWant(java, referenceBytes)
  const tool = readJvmTool(command, env)
  return tool === undefined ? programWant(command, env, rules) : jvmToolWant(tool, referenceBytes)
}

/** What one process will want on one node; for more nodes than one, prepare once. */
export function estimateDemand(request: PlaceRequest, shape: NodeShape, context: DemandContext): Demand {
  return prepareDemand(request, context)(shape)
}
