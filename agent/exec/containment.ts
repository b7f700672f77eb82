import { constants } from 'node:os'
import type { Usage } from '../../protocol/process.ts'
import { killCgroup, removeFolder, signalCgroup } from './cgroup.ts'
import { planSignal } from './signal-plan.ts'
import { readCgroupUsage, readOomKills, readSessionUsage, sessionPids } from './usage-read.ts'

/** Everything that belongs to one process of ours, with or without a cgroup to hold it. */
export type Containment = {
  /** Sends a signal; answers why not, when not. */
  signal(name: string): string | undefined
  /** Asks everything to end (SIGTERM). */
  terminate(): void
  /** Ends everything, now. */
  kill(): void
  usage(): Usage
  oomKills(): number
  /** Removes the cgroup; answers whether it is gone. */
  remove(): boolean
}

const KNOWN: ReadonlySet<string> = new Set(Object.keys(constants.signals))

/** The containment of the session that `pid` leads, in the cgroup `folder` where there is one. */
export function contain(pid: number, folder: string | undefined): Containment {
  const kill = () => (folder === undefined ? killSession(pid, 'SIGKILL') : killCgroup(folder))
  return {
    signal(name) {
      const plan = planSignal(name, KNOWN)
      if (plan.kind === 'unknown') return plan.reason
      if (plan.kind === 'everything') return void kill()
      return send(-pid, plan.signal as NodeJS.Signals)
    },
    terminate: () => (folder === undefined ? killSession(pid, 'SIGTERM') : signalCgroup(folder, 'SIGTERM')),
    kill,
    usage: () => (folder === undefined ? readSessionUsage(pid) : readCgroupUsage(folder)),
    oomKills: () => (folder === undefined ? 0 : readOomKills(folder)),
    remove: () => folder === undefined || removeFolder(folder),
  }
}

function killSession(session: number, signal: NodeJS.Signals): void {
  send(-session, signal)
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
