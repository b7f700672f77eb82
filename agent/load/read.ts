import { readFileSync } from 'node:fs'
import type { Load } from '../../protocol/hardware.ts'
import type { Now } from '../../protocol/log.ts'
import { cpuBusy, parseCpuTimes, parseMemory, parsePressure, parseRunnable } from './parse.ts'

/**
 * A reader of this node's load. `cpuBusy` is the share since the previous call, so one reader belongs to one
 * rhythm of reports.
 */
export function createLoadReader(now: Now): () => Load {
  let before = parseCpuTimes(read('/proc/stat'))
  return () => {
    const after = parseCpuTimes(read('/proc/stat'))
    const busy = cpuBusy(before, after)
    before = after
    const memory = parseMemory(read('/proc/meminfo'))
    return {
      atMs: now(),
      cpuBusy: busy,
      runnable: parseRunnable(read('/proc/loadavg')),
      memoryAvailableBytes: memory.availableBytes,
      memoryTotalBytes: memory.totalBytes,
      psiCpu: parsePressure(read('/proc/pressure/cpu')),
      psiMemory: parsePressure(read('/proc/pressure/memory')),
      uptimeSeconds: Number(read('/proc/uptime').split(' ')[0]),
    }
  }
}

/** What fits now: for admission, without touching the rhythm of the reports. */
export function readMemory(): { readonly totalBytes: number; readonly availableBytes: number } {
  return parseMemory(read('/proc/meminfo'))
}

/** /proc answers from memory, so reading it synchronously is the quickest way; '' where a file is missing. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
