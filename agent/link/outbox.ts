import type { ProcessEnded, ProcessStarted } from '../../protocol/link.ts'

/** A message the server must acknowledge. */
export type Fact = ProcessStarted | ProcessEnded

/** Facts the server has not acknowledged, oldest first. */
export type Outbox = readonly Fact[]

/**
 * `outbox` with `fact` at its end. The end of a process replaces its unacknowledged start: the end carries the start
 * time, and a server that learns of both at once gains nothing from the first.
 */
export function withFact(outbox: Outbox, fact: Fact): Outbox {
  return [...outbox.filter(other => other.id !== fact.id), fact]
}

/** `outbox` without the fact that `of` and `id` name; acknowledging an unknown one changes nothing. */
export function acknowledged(outbox: Outbox, id: string, of: Fact['type']): Outbox {
  return outbox.filter(fact => fact.id !== id || fact.type !== of)
}
