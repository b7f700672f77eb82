import type { Demand } from '../../protocol/decision.ts'
import { isJava, readJvmCommand } from './jvm-command.ts'
import { type JvmFlags, readJvmFlags } from './jvm-flags.ts'
import { isHeapFixed, likelyBytes, limitBytes, maxHeap } from './jvm-memory.ts'
import type { PlaceRequest } from './request.ts'
import type { PlacementRules, Snapshot } from './snapshot.ts'

/** Threads of a JVM nothing is known of: its collector and compiler alone keep some cores busy while it warms up. */
const DEFAULT_JVM_THREADS = 4
const DEFAULT_THREADS = 1

/**
 * The memory a JVM without a fixed heap shall believe in: that of the smallest ready node. A JVM sizes itself by the
 * machine it wakes up on; if that were the chosen node, the same command would behave differently from run to run.
 */
export function referenceBytes({ nodes, rules }: Snapshot): number {
  const ready = nodes.filter(({ state, memoryTotalBytes }) => state === 'ready' && memoryTotalBytes > 0)
  if (ready.length === 0) return rules.defaultMemoryBytes
  return Math.min(...ready.map(({ memoryTotalBytes }) => memoryTotalBytes))
}

function jvmDemand(
  request: PlaceRequest,
  flags: JvmFlags,
  unread: readonly string[],
  ramBytes: number,
): Demand {
  const threads = flags.activeProcessors?.value ?? DEFAULT_JVM_THREADS
  const threadsFrom = flags.activeProcessors?.from ?? 'default of a JVM'
  const note = unread.length === 0 ? '' : ` (not read: ${unread.map(file => `@${file}`).join(', ')})`
  if (request.memoryBytes !== undefined) {
    const { memoryBytes } = request
    return { threads, memoryBytes, memoryMaxBytes: memoryBytes, threadsFrom, memoryFrom: 'request' }
  }
  const heap = maxHeap(flags, ramBytes)
  const likely = likelyBytes(flags, heap.value, threads)
  const fixed = isHeapFixed(flags)
  return {
    threads,
    memoryBytes: fixed ? likely : Math.min(likely, ramBytes),
    memoryMaxBytes: fixed ? limitBytes(flags, heap.value) : ramBytes,
    threadsFrom,
    memoryFrom: `${heap.from}${fixed ? '' : ' of the smallest ready node'}${note}`,
  }
}

/**
 * What the process will want. What the user asks for goes first, then a JVM's own flags, then what the rules give to
 * a program nothing is known of. The figures are the same for every node, see {@link referenceBytes}; how wide and
 * fast a node is enters in the score. Only a limit that somebody wrote down, or that a JVM sizes itself by, becomes
 * `memoryMaxBytes`.
 */
export function estimateDemand(request: PlaceRequest, ramBytes: number, rules: PlacementRules): Demand {
  if (isJava(request.command)) {
    const { options, unreadFiles } = readJvmCommand(
      request.command,
      request.env,
      request.argFiles ?? new Map(),
    )
    return jvmDemand(request, readJvmFlags(options), unreadFiles, ramBytes)
  }
  const { memoryBytes } = request
  return {
    threads: DEFAULT_THREADS,
    memoryBytes: memoryBytes ?? rules.defaultMemoryBytes,
    memoryMaxBytes: memoryBytes ?? null,
    threadsFrom: 'default',
    memoryFrom: memoryBytes === undefined ? 'default' : 'request',
  }
}
