import { appendFileSync } from 'node:fs'

/** One event of a run; `atMs` is the wall clock. */
export type RunEvent = { readonly event: 'placed' | 'started' | 'ended' | 'refused' } & Readonly<
  Record<string, unknown>
>

/** Takes the events of a run. */
export type EventLog = (event: RunEvent) => void

/**
 * Appends each event as one JSON line to `path`, at once, so that another program can follow it; the process' own
 * streams stay untouched. Without a path, nothing.
 */
export function openEventLog(path: string | undefined): EventLog {
  if (path === undefined) return () => undefined
  return event => appendFileSync(path, `${JSON.stringify({ ...event, atMs: Date.now() })}\n`)
}
