import { readdir, readFile } from 'node:fs/promises'
import { busySeconds, type ProcessTimes, parseTimes } from '../boot/cpu-time.ts'

/** The CPU seconds all programs together have used on this machine. */
export async function readBusySeconds(): Promise<number> {
  return busySeconds(await readFile('/proc/stat', 'utf8'))
}

/** The CPU times of every process there is now; one that ends meanwhile is left out. */
export async function readProcessTimes(): Promise<readonly ProcessTimes[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const stats = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')))
  return stats.map(parseTimes).filter(times => times !== undefined)
}
