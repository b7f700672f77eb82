import { pino } from 'pino'
import type { Log } from '../../protocol/log.ts'

/** A log that writes one JSON line per event to standard error. */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
}
