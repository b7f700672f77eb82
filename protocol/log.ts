/** Structured fields of one log line; values are JSON. An error goes in as text; the agent's log also takes it whole. */
export type LogFields = Readonly<Record<string, unknown>>

/** The one log interface of the house: level is the method, fields first, then a short sentence. */
export type Log = {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

/** Counts one refused or served thing: `count('dhcp', 'dropped: bad cookie')`. Reasons are fixed texts. */
export type Count = (area: string, reason: string) => void

/** A wall clock in milliseconds since the epoch, handed in so that tests own time. */
export type Now = () => number
