import type { Log, LogFields, Now } from '../protocol/log.ts'

/**
 * A log of one JSON line per event through `write`. The agent has no logging library: its start-up time is part
 * of every boot, and the journal takes the lines as they are.
 */
export function createLineLog(write: (line: string) => void, now: Now): Log {
  const at = (level: string) => (fields: LogFields, message: string) =>
    write(
      `${JSON.stringify({ level, time: new Date(now()).toISOString(), ...plain(fields), msg: message })}\n`,
    )
  return { debug: () => undefined, info: at('info'), warn: at('warn'), error: at('error') }
}

/** Errors are not JSON by themselves: their message goes in, and that of their cause. */
function plain(fields: LogFields): LogFields {
  const entries = Object.entries(fields).map(([name, value]) =>
    value instanceof Error ? [name, describe(value)] : [name, value],
  )
  return Object.fromEntries(entries)
}

function describe(error: Error): string {
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : ''
  return `${error.message}${cause}`
}
