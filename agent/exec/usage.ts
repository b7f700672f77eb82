import type { Usage } from '../../protocol/process.ts'

/** The texts of a cgroup's files; '' where the kernel has none (no such controller, or an older kernel). */
export type CgroupTexts = {
  readonly cpuStat: string
  readonly memoryCurrent: string
  readonly memoryPeak: string
  readonly pidsCurrent: string
  readonly pidsPeak: string
}

/** One process as /proc tells it; ticks are USER_HZ, memory is resident. */
export type ProcFacts = {
  readonly session: number
  /** When it began, in ticks since the boot: with its number it is unique. */
  readonly beganTicks: number
  readonly cpuTicks: number
  readonly threads: number
  readonly residentPages: number
}

/** USER_HZ is 100 on every architecture Linux still runs Node on (proc_pid_stat(5)). */
const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

/** Nothing used yet. */
export const NO_USAGE: Usage = {
  cpuSeconds: 0,
  memoryBytes: null,
  peakMemoryBytes: null,
  threads: 0,
  peakThreads: 0,
}

/** A later reading on top of an earlier one: sums never fall, peaks stay. */
export function withReading(before: Usage, reading: Usage): Usage {
  return {
    cpuSeconds: Math.max(before.cpuSeconds, reading.cpuSeconds),
    memoryBytes: reading.memoryBytes,
    peakMemoryBytes: highest(before.peakMemoryBytes, reading.peakMemoryBytes),
    threads: reading.threads,
    peakThreads: Math.max(before.peakThreads, reading.peakThreads),
  }
}

/** What a cgroup has counted; what it does not count (`null`, or no pids controller) comes from `procs`. */
export function cgroupUsage(texts: CgroupTexts, procs: readonly ProcFacts[]): Usage {
  const counted = procUsage(procs)
  const threads = count(texts.pidsCurrent) ?? counted.threads
  const memoryBytes = count(texts.memoryCurrent) ?? counted.memoryBytes
  const usec = /^usage_usec (\d+)$/m.exec(texts.cpuStat)?.[1]
  return {
    cpuSeconds: usec === undefined ? counted.cpuSeconds : Number(usec) / 1e6,
    memoryBytes,
    peakMemoryBytes: count(texts.memoryPeak) ?? memoryBytes,
    threads,
    peakThreads: count(texts.pidsPeak) ?? threads,
  }
}

/** The sum over processes, for hosts without cgroups. Ended children count only until they are reaped. */
export function procUsage(procs: readonly ProcFacts[]): Usage {
  const sum = (field: 'cpuTicks' | 'threads' | 'residentPages') =>
    procs.reduce((total, facts) => total + facts[field], 0)
  const memoryBytes = sum('residentPages') * PAGE_BYTES
  return {
    cpuSeconds: sum('cpuTicks') / TICKS_PER_SECOND,
    memoryBytes,
    peakMemoryBytes: memoryBytes,
    threads: sum('threads'),
    peakThreads: sum('threads'),
  }
}

/** /proc/PID/stat; the command in parentheses may hold anything, so fields are counted from the last one. */
export function parseProcStat(stat: string): ProcFacts | undefined {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const [session, utime, stime, cutime, cstime] = [3, 11, 12, 13, 14].map(index => fields[index])
  const [threads, beganTicks, residentPages] = [fields[17], fields[19], fields[21]]
  if (
    session === undefined ||
    beganTicks === undefined ||
    threads === undefined ||
    residentPages === undefined
  )
    return undefined
  const cpuTicks = (utime ?? 0) + (stime ?? 0) + (cutime ?? 0) + (cstime ?? 0)
  return { session, beganTicks, cpuTicks, threads, residentPages }
}

function count(text: string): number | null {
  const value = text.trim()
  return /^\d+$/.test(value) ? Number(value) : null
}

function highest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}
