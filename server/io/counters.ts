import type { Count } from '../../protocol/log.ts'

/** Counters by area and reason, which `GET /v1/status` of the admin API shows. */
export type Counters = { readonly count: Count; snapshot(): Readonly<Record<string, number>> }

/** Counters that start at nothing. Reasons are fixed texts, so their number is bounded by the source. */
export function createCounters(): Counters {
  const values = new Map<string, number>()
  return {
    count: (area, reason) => {
      const name = `${area}: ${reason}`
      values.set(name, (values.get(name) ?? 0) + 1)
    },
    snapshot: () => Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}
