import type { PlacementRules } from '../snapshot.ts'
import type { Want } from './want.ts'

const DEFAULT_THREADS = 1

/** What a program that is no JVM wants, by what is usual for its kind. */
export function programWant(_command: readonly string[], rules: PlacementRules): Want {
  return {
    threads: DEFAULT_THREADS,
    threadsFrom: 'default',
    announcedThreads: null,
    memoryBytes: () => rules.defaultMemoryBytes,
    memoryFrom: 'default',
    announcedBytes: null,
    isUnknownKind: true,
    limitBytes: null,
  }
}
