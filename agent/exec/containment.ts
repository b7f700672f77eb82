import { constants } from 'node:os'
import type { Usage } from '../../protocol/process.ts'
import { killCgroup, removeFolder, signalCgroup } from './cgroup.ts'
import { planSignal } from './signal-plan.ts'
import { keepsPeaks, readCgroupUsage, readSessionUsage, sessionOf, sessionPids } from './usage-read.ts'

/** Everything that belongs to one process of ours, with or without a cgroup to hold it. */
export type Containment = {
  /** Sends a signal; answers why not, when not. */
  signal(name: string): string | undefined
  /** Asks everything to end (SIGTERM). */
  terminate(): void
  /** Ends everything, now. */
  kill(): void
  usage(): Usage
  /** Whether the kernel keeps the peaks itself; otherwise only looking often finds them. */
  readonly keepsPeaks: boolean
  /** Removes the cgroup; answers whether it is gone. */
  remove(): boolean
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(constants.signals))

/**
 * The containment of the process group that `pid` leads, in the cgroup `folder` where there is one; elsewhere all of
 * its session count, which its keeper leads.
 */
export function contain(pid: number, folder: string | undefined): Containment {
  // Read at once: it could not be found any more once the process is gone.
  const session = folder === undefined ? sessionOf(pid) : undefined
  const kill = (): void => {
    send(-pid, 'SIGKILL')
    if (session !== undefined) sendToSession(session, 'SIGKILL')
    if (folder !== undefined) killCgroup(folder)
  }
  return {
    signal(name) {
      const plan = planSignal(name, KNOWN)
      if (plan.kind === 'unknown') return plan.reason
      if (plan.kind === 'group') return send(-pid, plan.signal as NodeJS.Signals)
      kill()
      return undefined
    },
    terminate() {
      send(-pid, 'SIGTERM')
      if (session !== undefined) sendToSession(session, 'SIGTERM')
      if (folder !== undefined) signalCgroup(folder, 'SIGTERM')
    },
    kill,
    usage: () => (folder === undefined ? readSessionUsage(session ?? pid) : readCgroupUsage(folder)),
    keepsPeaks: folder !== undefined && keepsPeaks(folder),
    remove: () => folder === undefined || removeFolder(folder),
  }
}

function sendToSession(session: number, signal: NodeJS.Signals): void {
  for (const pid of sessionPids(session)) send(pid, signal)
}

function send(pid: number, signal: NodeJS.Signals): string | undefined {
  try {
    process.kill(pid, signal)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
      ? 'the process has ended'
      : (error as Error).message
  }
}
