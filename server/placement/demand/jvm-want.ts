import type { JvmCommand } from './jvm-command.ts'
import { type JvmFlags, readJvmFlags } from './jvm-flags.ts'
import { isHeapFixed, likelyBytes, limitBytes, maxHeap } from './jvm-memory.ts'
import type { Want } from './want.ts'

/** Threads of a JVM nothing is known of: its collector and compiler alone keep some cores busy while it warms up. */
const DEFAULT_JVM_THREADS = 4

/**
 * What a JVM's own flags say. Without a fixed heap it sizes itself by the memory it sees, so it shall see
 * `referenceBytes`, the same on every node; that becomes the limit of its cgroup. With one, the limit only catches a
 * JVM that has lost its mind.
 */
export function jvmWant({ options, unreadFiles }: JvmCommand, referenceBytes: number): Want {
  const flags = readJvmFlags(options)
  const threads = flags.activeProcessors?.value ?? DEFAULT_JVM_THREADS
  const heap = maxHeap(flags, referenceBytes)
  const fixed = isHeapFixed(flags)
  const note =
    unreadFiles.length === 0 ? '' : ` (not read: ${unreadFiles.map(file => `@${file}`).join(', ')})`
  const likely = likelyBytes(flags, heap.value, threads)
  return {
    threads,
    threadsFrom: flags.activeProcessors?.from ?? 'default of a JVM',
    announcedThreads: flags.activeProcessors?.value ?? null,
    memoryBytes: () => (fixed ? likely : Math.min(likely, referenceBytes)),
    memoryFrom: `${heap.from}${fixed ? '' : ' of the smallest ready node'}${note}`,
    announcedBytes: fixed ? likely : null,
    isUnknownKind: false,
    limitBytes: limitOf(flags, fixed, heap.value, referenceBytes),
  }
}

function limitOf(flags: JvmFlags, fixed: boolean, heapBytes: number, referenceBytes: number): number {
  return fixed ? limitBytes(flags, heapBytes) : referenceBytes
}
