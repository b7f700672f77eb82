import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { familySeconds } from '../boot/cpu-time.ts'
import { readProcessTimes } from '../io/process-times.ts'

/** Where cgroup v2 is: alone, or beside v1 (the hybrid layout). */
const MOUNTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified']

/**
 * Counts the CPU time of a program and of everything it ever starts. A control group does, because servers that
 * fork without waiting (tftpd-hpa) leave no trace of their children in /proc; without one (not root, no cgroup v2)
 * the times are read from /proc.
 */
export type CpuGroup = {
  /** Comes before the program's own command and puts it into the group. */
  readonly prefix: readonly string[]
  /** CPU seconds so far, to a microsecond in a control group, else to a hundredth. `pid` is the program's. */
  seconds(pid: number): Promise<number>
  /** Forgets the group once its processes have ended. */
  remove(): void
}

/** Makes a group; `name` is unique on this machine while it lasts. */
export function createCpuGroup(name: string): CpuGroup {
  const mount = MOUNTS.find(path => existsSync(`${path}/cgroup.controllers`))
  const path = `${mount}/${name}`
  if (mount === undefined || !made(path))
    return {
      prefix: [],
      seconds: async pid => familySeconds(await readProcessTimes(), pid),
      remove: () => {},
    }
  return {
    prefix: ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', path],
    seconds: async () => usageSeconds(readFileSync(`${path}/cpu.stat`, 'utf8')),
    remove: () => {
      try {
        rmdirSync(path)
      } catch {
        // A process is still on its way out; an empty group costs nothing.
      }
    },
  }
}

/** The `usage_usec` of a cpu.stat file (cgroup-v2.rst), in seconds. */
export function usageSeconds(cpuStat: string): number {
  return Number(/^usage_usec (\d+)$/m.exec(cpuStat)?.[1] ?? 0) / 1e6
}

function made(path: string): boolean {
  try {
    mkdirSync(path)
    return true
  } catch {
    return false
  }
}
