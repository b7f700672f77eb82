import { readdirSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Log } from '../../protocol/log.ts'
import { silentLog } from '../fakes/silent-log.ts'

/** A server's memory and open files after a full garbage collection, and what it logged as its own fault so far. */
export type Footprint = {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly openFiles: number
  readonly faults: readonly string[]
}

/** Faults kept; the first ones tell most. */
const MAX_FAULTS = 5
const faults: string[] = []

/** A log that keeps errors, which no input may cause, and nothing else. */
export const faultLog: Log = {
  ...silentLog,
  error: (facts, message) => {
    if (faults.length < MAX_FAULTS) faults.push(`${message}: ${JSON.stringify(facts)}`)
  },
}

/** Answers each line of standard input with one line of JSON, a {@link Footprint}. Needs `node --expose-gc`. */
export function answerFootprints(): void {
  createInterface({ input: process.stdin }).on('line', () => {
    if (globalThis.gc === undefined) throw new Error('start me with --expose-gc')
    globalThis.gc()
    const { heapUsed, external, rss } = process.memoryUsage()
    const openFiles = readdirSync('/proc/self/fd').length
    const footprint: Footprint = { heapBytes: heapUsed + external, rssBytes: rss, openFiles, faults }
    process.stdout.write(`${JSON.stringify(footprint)}\n`)
  })
}
