import { openSync, writeSync } from 'node:fs'
import { GodwitError } from '../../protocol/errors.ts'

/** One event of a run; `atMs` is the wall clock. */
export type RunEvent = { readonly event: 'placed' | 'started' | 'ended' | 'refused' } & Readonly<
  Record<string, unknown>
>

/** Takes the events of a run. */
export type EventLog = (event: RunEvent) => void

/**
 * Appends each event as one JSON line to `path`, at once, so that another program can follow it; the process' own
 * streams stay untouched. Without a path, nothing. Throws GW_CONFIG_INVALID when the file cannot be opened; a disk
 * that is full later costs the events, which `warn` hears once, and never the process.
 */
export function openEventLog(path: string | undefined, warn: (line: string) => void): EventLog {
  if (path === undefined) return () => undefined
  const fd = openForAppend(path)
  let failed = false
  return event => {
    if (failed) return
    try {
      writeSync(fd, `${JSON.stringify({ ...event, atMs: Date.now() })}\n`)
    } catch (error) {
      failed = true
      warn(`no more events are written to ${path}: ${(error as Error).message}`)
    }
  }
}

function openForAppend(path: string): number {
  try {
    return openSync(path, 'a')
  } catch (error) {
    throw new GodwitError('GW_CONFIG_INVALID', `--json-events: ${(error as Error).message}`)
  }
}
