import { type Figures, rounded } from '../stats.ts'

/** Clock ticks of /proc/PID/stat in a second: USER_HZ, 100 on every Linux there is for PCs. */
const TICKS_PER_SECOND = 100

/** Programs that are told apart; everything else on the server's side runs on Node and is ours. */
const PEER_PROGRAMS: ReadonlySet<string> = new Set(['dnsmasq', 'nginx', 'radvd'])

/** One process: its parent, its program, and the ticks that it and its ended children were on a CPU. */
export type ProcessTimes = {
  readonly pid: number
  readonly parentPid: number
  readonly program: string
  readonly ticks: number
}

/**
 * Reads one /proc/PID/stat line (proc(5)): field 2 is the program in brackets, 4 the parent, 14 to 17 user and system
 * time of itself and of its reaped children. `undefined` when it is none.
 */
export function parseTimes(stat: string): ProcessTimes | undefined {
  const match = /^(\d+) \((.*)\) \S (\d+) /s.exec(stat)
  if (match === null) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const times = fields.slice(11, 15)
  const ticks = times.reduce((sum, field) => sum + Number(field), 0)
  const [, pid = '', program = '', parent = ''] = match
  return times.length === 4 && Number.isFinite(ticks)
    ? { pid: Number(pid), parentPid: Number(parent), program, ticks }
    : undefined
}

/** CPU seconds of the process `rootPid` and all its descendants together. */
export function familySeconds(processes: readonly ProcessTimes[], rootPid: number): number {
  return familyOf(processes, rootPid).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND
}

/** CPU seconds by program of the process `rootPid` and all its descendants. */
export function cpuSecondsByProgram(processes: readonly ProcessTimes[], rootPid: number): Figures {
  const seconds: Record<string, number> = {}
  for (const { program, ticks } of familyOf(processes, rootPid)) {
    const name = PEER_PROGRAMS.has(program) ? program : 'godwit'
    seconds[name] = (seconds[name] ?? 0) + ticks / TICKS_PER_SECOND
  }
  return seconds
}

/** CPU seconds of everything on this machine since it started: the first line of /proc/stat, without idle and I/O wait. */
export function busySeconds(procStat: string): number {
  // user, nice, system, idle, iowait, irq, softirq; guests are in user time already, steal is not ours to see.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = (procStat.split('\n')[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND
}

/** What was used between two readings: one figure a program, and their sum. */
export function cpuFigures(before: Figures, after: Figures): Figures {
  const used = Object.entries(after).map(
    ([program, seconds]) => [program, rounded(seconds - (before[program] ?? 0))] as const,
  )
  const named = used.map(([program, seconds]) => [`${program}CpuSeconds`, seconds])
  return {
    serverCpuSeconds: rounded(used.reduce((sum, [, seconds]) => sum + seconds, 0)),
    ...Object.fromEntries(named),
  }
}

function familyOf(processes: readonly ProcessTimes[], rootPid: number): readonly ProcessTimes[] {
  const children = processes.filter(({ parentPid }) => parentPid === rootPid)
  return [
    ...processes.filter(({ pid }) => pid === rootPid),
    ...children.flatMap(({ pid }) => familyOf(processes, pid)),
  ]
}
