import type { Readable } from 'node:stream'
import type { Ending, Usage } from '../../protocol/process.ts'
import type { Containment } from './containment.ts'
import { endingOf } from './ending.ts'
import type { Spawned } from './spawn.ts'
import { NO_USAGE, withReading } from './usage.ts'

/** How long output may still come from descendants after the main process has ended; then they are killed. */
const DRAIN_MS = 300
/** From SIGTERM to SIGKILL when nobody wants the process any more. */
const TERMINATE_MS = 5000
/** Between readings of what the kernel does not keep a peak of. */
const SAMPLE_MS = 100
const REMOVE_TRIES = 100
const REMOVE_WAIT_MS = 10

/** The end of a process: how, and what it used in all. */
export type Ended = { readonly ending: Ending; readonly usage: Usage }

/** One supervised process. */
export type Supervised = {
  /** What it uses now, with peaks until now. */
  usage(): Usage
  /** Ends it softly, then hard. */
  end(): void
  /** Resolves when nothing of it is left and all its output was read. */
  readonly ended: Promise<Ended>
}

/** Watches over a process until nothing of it is left. `output` are its two streams, read by somebody else. */
export function supervise(
  spawned: Spawned,
  containment: Containment,
  output: readonly Readable[],
): Supervised {
  let usage = NO_USAGE
  let hardEnd: NodeJS.Timeout | undefined
  const read = () => {
    usage = withReading(usage, containment.usage())
    return usage
  }
  read()
  const sampling = containment.keepsPeaks ? undefined : setInterval(read, SAMPLE_MS)

  async function finish(): Promise<Ended> {
    const exit = await spawned.exited
    clearInterval(sampling)
    const drained = Promise.all(output.map(closed))
    await Promise.race([drained, wait(DRAIN_MS)])
    read()
    const ending = endingOf(exit, containment.oomKills())
    containment.clear()
    clearTimeout(hardEnd)
    await drainedOrStuck(drained, output)
    await removed(containment)
    return { ending, usage: { ...usage, threads: 0, memoryBytes: usage.memoryBytes === null ? null : 0 } }
  }

  return {
    usage: read,
    end() {
      if (hardEnd) return
      containment.terminate()
      hardEnd = setTimeout(() => containment.kill(), TERMINATE_MS)
    },
    ended: finish(),
  }
}

/** After the kill all writers are gone, so the streams end as soon as the deputy has taken what is in them. */
async function drainedOrStuck(drained: Promise<unknown>, output: readonly Readable[]): Promise<void> {
  let done = false
  const all = drained.then(() => {
    done = true
  })
  while (!done) {
    const before = output.map(bytesRead)
    await Promise.race([all, wait(DRAIN_MS)])
    const silent = output.every((stream, index) => bytesRead(stream) === before[index] && !stream.isPaused())
    // A descendant that left the session on a host without cgroups still holds the pipe: do not wait for it.
    if (!done && silent) for (const stream of output) stream.destroy()
  }
}

function bytesRead(stream: Readable): number {
  return (stream as Readable & { readonly bytesRead?: number }).bytesRead ?? 0
}

function closed(stream: Readable): Promise<void> {
  return new Promise(resolve => {
    if (stream.closed) resolve()
    else stream.once('close', resolve)
  })
}

/** A killed process leaves its cgroup only when it has exited, which takes the kernel a moment. */
async function removed(containment: Containment): Promise<void> {
  for (let attempt = 0; attempt < REMOVE_TRIES; attempt += 1) {
    if (containment.remove()) return
    await wait(REMOVE_WAIT_MS)
  }
}

function wait(timeMs: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, timeMs)
  })
}
