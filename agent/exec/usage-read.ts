import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Usage } from '../../protocol/process.ts'
import { cgroupPids, readText } from './cgroup.ts'
import { cgroupUsage, type ProcFacts, parseProcStat, procUsage } from './usage.ts'

/** What the cgroup in `folder` has used until now. */
export function readCgroupUsage(folder: string): Usage {
  const text = (name: string) => readText(join(folder, name))
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

/**
 * Whether the kernel keeps both peaks of the cgroup in `folder` (Linux 6.1 with memory and pids controllers); what
 * holds for one holds for all beside it.
 */
export function keepsPeaks(folder: string): boolean {
  const base = dirname(folder)
  const known = peaksKept.get(base)
  if (known !== undefined || !existsSync(folder)) return known ?? false
  const kept = ['memory.peak', 'pids.peak'].every(name => existsSync(join(folder, name)))
  peaksKept.set(base, kept)
  return kept
}

const peaksKept = new Map<string, boolean>()

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
