import type { Fact } from '../outbox.ts'

/** A process that is over within this time is told of once, by its end, which says when it began. */
const START_TOLD_AFTER_MS = 50

/** Facts on their way to the server, the starts of processes a moment later. */
export type SoonOver = { tell(fact: Fact): void; stop(): void }

/**
 * Holds the start of each process back for a moment: most of what a shell script starts is over by then, and each fact
 * is a write to the server's disk.
 */
export function tellSoonOver(tell: (fact: Fact) => void): SoonOver {
  const held = new Map<string, NodeJS.Timeout>()
  return {
    tell(fact) {
      clearTimeout(held.get(fact.id))
      held.delete(fact.id)
      if (fact.type === 'process-ended') return tell(fact)
      const timer = setTimeout(() => {
        held.delete(fact.id)
        tell(fact)
      }, START_TOLD_AFTER_MS)
      held.set(fact.id, timer)
    },
    stop() {
      for (const timer of held.values()) clearTimeout(timer)
    },
  }
}
