import type { Usage } from '../../protocol/process.ts'
import type { EndedUsage } from '../../streams/progress.ts'
import type { Containment } from './containment.ts'
import { NO_USAGE, withReading } from './usage.ts'

/** From SIGTERM to SIGKILL when nobody wants the process any more. */
const TERMINATE_MS = 5000
/** Between readings of what the kernel does not keep a peak of. */
const SAMPLE_MS = 100
const REMOVE_TRIES = 100
const REMOVE_WAIT_MS = 10

/** One supervised process. */
export type Supervised = {
  /** What it uses now, with peaks until now. */
  usage(): Usage
  /** Ends it softly, then hard. */
  end(): void
  /** It has ended: answers what it used in all, with the keeper's own figures where it has some. */
  ended(last: EndedUsage | undefined): Usage
}

/** Watches over a process that the keeper has started. */
export function supervise(containment: Containment): Supervised {
  let usage = NO_USAGE
  let hardEnd: NodeJS.Timeout | undefined
  const read = () => {
    usage = withReading(usage, containment.usage())
    return usage
  }
  // Not one look at once: most processes are over before it would say anything, and their keeper tells of the end.
  const sampling = containment.keepsPeaks ? undefined : setInterval(read, SAMPLE_MS)

  return {
    usage: read,
    end() {
      if (hardEnd) return
      containment.terminate()
      hardEnd = setTimeout(() => containment.kill(), TERMINATE_MS)
    },
    ended(last) {
      clearInterval(sampling)
      clearTimeout(hardEnd)
      // A keeper that has told of the end removes the cgroup next.
      if (last === undefined) void removed(containment)
      else usage = withReading(usage, readingOf(last, usage))
      return { ...usage, threads: 0, memoryBytes: usage.memoryBytes === null ? null : 0 }
    },
  }
}

function readingOf({ cpuSeconds, peakMemoryBytes, peakThreads }: EndedUsage, before: Usage): Usage {
  return {
    cpuSeconds: cpuSeconds ?? before.cpuSeconds,
    memoryBytes: before.memoryBytes ?? (peakMemoryBytes === null ? null : 0),
    peakMemoryBytes,
    threads: before.threads,
    peakThreads: peakThreads ?? Math.max(1, before.peakThreads),
  }
}

/** For a keeper that was killed, and could not. */
async function removed(containment: Containment): Promise<void> {
  for (let attempt = 0; attempt < REMOVE_TRIES; attempt += 1) {
    await new Promise(resolve => setTimeout(resolve, REMOVE_WAIT_MS))
    if (containment.remove()) return
  }
}
