import type { JvmCommand } from './jvm-command.ts'
import { type JvmFlags, readJvmFlags } from './jvm-flags.ts'
import { isHeapFixed, likelyBytes, limitBytes, maxHeap } from './jvm-memory.ts'
import type { NodeShape } from './shape.ts'
import type { Want } from './want.ts'

/** Threads of a JVM nothing is known of: its collector and compiler alone keep some cores busy while it warms up. */
const DEFAULT_JVM_THREADS = 4
/** Processors that an announcement is worked out for; it must be the same on every node. */
const ANNOUNCED_PROCESSORS = 4

/** Processors the JVM finds on a node: its collector starts threads for all of them. */
function processorsOf({ activeProcessors }: JvmFlags, { capacity }: NodeShape): number {
  return activeProcessors?.value ?? Math.max(1, Math.ceil(capacity))
}

function notRead({ unreadFiles }: JvmCommand): string {
  return unreadFiles.length === 0 ? '' : ` (not read: ${unreadFiles.map(file => `@${file}`).join(', ')})`
}

/**
 * What a JVM's own flags say. Without a fixed heap it sizes itself by the memory it sees, so it shall see
 * `referenceBytes`, the same on every node; that becomes the limit of its cgroup. With one, the limit only catches a
 * JVM that has lost its mind.
 */
export function jvmWant(command: JvmCommand, referenceBytes: number): Want {
  const flags = readJvmFlags(command.options)
  const threads = flags.activeProcessors?.value ?? DEFAULT_JVM_THREADS
  const heap = maxHeap(flags, referenceBytes)
  const fixed = isHeapFixed(flags)
  const likely = (processors: number): number => {
    const bytes = likelyBytes(flags, heap.value, threads, processors)
    return fixed ? bytes : Math.min(bytes, referenceBytes)
  }
  return {
    threads,
    threadsFrom: flags.activeProcessors?.from ?? 'default of a JVM',
    announcedThreads: flags.activeProcessors?.value ?? null,
    memoryBytes: shape => likely(processorsOf(flags, shape)),
    memoryFrom: `${heap.from}${fixed ? '' : ' of the smallest ready node'}${notRead(command)}`,
    announcedBytes: fixed ? likely(flags.activeProcessors?.value ?? ANNOUNCED_PROCESSORS) : null,
    isUnknownKind: false,
    limitBytes: fixed ? limitBytes(flags, heap.value) : referenceBytes,
  }
}

/**
 * The same for a tool that is a JVM or starts one (`javac`, `mvn`): sized like a JVM, so that it is the same tool on
 * every node. Where its heap is fixed there is no limit: it may start further JVMs, which have flags of their own.
 */
export function jvmToolWant(command: JvmCommand, referenceBytes: number): Want {
  const want = jvmWant(command, referenceBytes)
  return want.announcedBytes === null ? want : { ...want, limitBytes: null }
}
