/** Time the processors spent since boot, in clock ticks, as the first line of /proc/stat counts it. */
export type CpuTimes = { readonly busyTicks: number; readonly totalTicks: number }

/** The sums of /proc/stat's `cpu` line: user nice system idle iowait irq softirq steal. */
export function parseCpuTimes(stat: string): CpuTimes {
  const line = /^cpu\s+(.*)$/m.exec(stat)?.[1] ?? ''
  const ticks = line.trim().split(/\s+/).map(Number).slice(0, 8)
  const totalTicks = ticks.reduce((sum, value) => sum + value, 0)
  const idleTicks = (ticks[3] ?? 0) + (ticks[4] ?? 0)
  return { busyTicks: totalTicks - idleTicks, totalTicks }
}

/** The share of busy time between two readings, 0..1; 0 when no time has passed. */
export function cpuBusy(before: CpuTimes, after: CpuTimes): number {
  const ticks = after.totalTicks - before.totalTicks
  return ticks > 0 ? Math.min(1, Math.max(0, (after.busyTicks - before.busyTicks) / ticks)) : 0
}

/** Runnable scheduling entities now: the number before the slash in /proc/loadavg's fourth field. */
export function parseRunnable(loadavg: string): number {
  const runnable = Number(loadavg.split(' ')[3]?.split('/')[0])
  // The reader itself is always one of them.
  return Number.isInteger(runnable) ? Math.max(0, runnable - 1) : 0
}

/** Total and available memory of /proc/meminfo in bytes. */
export function parseMemory(meminfo: string): {
  readonly totalBytes: number
  readonly availableBytes: number
} {
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0)
  return { totalBytes: kib('MemTotal') * 1024, availableBytes: kib('MemAvailable') * 1024 }
}

/** `some avg10` of a /proc/pressure file in percent; `null` for a kernel that has none. */
export function parsePressure(pressure: string | undefined): number | null {
  const value = /^some avg10=([\d.]+)/m.exec(pressure ?? '')?.[1]
  return value === undefined ? null : Number(value)
}
