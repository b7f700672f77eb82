import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Usage } from '../../protocol/process.ts'
import { cgroupPids, readText } from './cgroup.ts'
import { cgroupUsage, type ProcFacts, parseProcStat, procUsage } from './usage.ts'

/** What the kernel may count of a cgroup: each controller brings its own, and Linux 6.1 the peaks. */
const USAGE_FILES = ['cpu.stat', 'memory.current', 'memory.peak', 'pids.current', 'pids.peak'] as const
type UsageFile = (typeof USAGE_FILES)[number]

/** What the cgroup in `folder` has used until now. */
export function readCgroupUsage(folder: string): Usage {
  const counted = countedIn(folder)
  const text = (name: UsageFile) => (counted.has(name) ? readText(join(folder, name)) : '')
  const texts = {
    cpuStat: text('cpu.stat'),
    memoryCurrent: text('memory.current'),
    memoryPeak: text('memory.peak'),
    pidsCurrent: text('pids.current'),
    pidsPeak: text('pids.peak'),
  }
  // Walking the processes is only worth it where a controller is missing.
  const whole = texts.memoryCurrent !== '' && texts.pidsCurrent !== ''
  return cgroupUsage(texts, whole ? [] : cgroupPids(folder).flatMap(readProc))
}

/** Whether the kernel keeps both peaks of the cgroup in `folder` (Linux 6.1 with memory and pids controllers). */
export function keepsPeaks(folder: string): boolean {
  const counted = countedIn(folder)
  return counted.has('memory.peak') && counted.has('pids.peak')
}

/** What there is of {@link USAGE_FILES}; what holds for one cgroup holds for all beside it. */
function countedIn(folder: string): ReadonlySet<UsageFile> {
  const base = dirname(folder)
  const known = counted.get(base)
  if (known !== undefined) return known
  const found = new Set(USAGE_FILES.filter(name => existsSync(join(folder, name))))
  // One that has gone meanwhile tells nothing of the others.
  if (existsSync(folder)) counted.set(base, found)
  return found
}

const counted = new Map<string, ReadonlySet<UsageFile>>()

/** What the living processes of a session use, for hosts without cgroups. */
export function readSessionUsage(session: number): Usage {
  return procUsage(sessionPids(session).flatMap(readProc))
}

/** The living processes of a session but its leader, the keeper: ours and its descendants less runaways. */
export function sessionPids(session: number): readonly number[] {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger)
  return pids.filter(pid => pid !== session && readProc(pid)[0]?.session === session)
}

/** The session that a living process belongs to; its own number when it has gone already. */
export function sessionOf(pid: number): number {
  return readProc(pid)[0]?.session ?? pid
}

/** What /proc tells of a process; nothing when it is gone. */
export function readProc(pid: number): readonly ProcFacts[] {
  const facts = parseProcStat(readText(`/proc/${pid}/stat`))
  return facts ? [facts] : []
}
