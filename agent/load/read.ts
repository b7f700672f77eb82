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

/** What is read of the memory is good for this long: a process that was started takes longer than that to use any. */
const MEMORY_READ_MS = 10

/** What fits now: for admission, without touching the rhythm of the reports. Looks again after a few milliseconds. */
export function createMemoryReader(now: Now): typeof readMemory {
  let last: { readonly atMs: number; readonly memory: ReturnType<typeof readMemory> } | undefined
  return () => {
    const atMs = now()
    const isFresh = last !== undefined && atMs >= last.atMs && atMs - last.atMs < MEMORY_READ_MS
    if (last === undefined || !isFresh) last = { atMs, memory: readMemory() }
    return last.memory
  }
}

/** All memory of this node, and what of it can be had now. */
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
