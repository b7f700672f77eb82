import { formatBytes } from '../../config/values/bytes.ts'
import type { Decision } from '../../protocol/decision.ts'

/** One sentence on why the process runs where it runs; `undefined` when it was not placed. */
export function explainChoice({ candidates, filtered }: Decision): string | undefined {
  const [best, second] = candidates
  if (best === undefined) return undefined
  const { demand } = best
  const wants = `${demand.threads} threads and ${formatBytes(demand.memoryBytes)} (${demand.memoryFrom})`
  const left = filtered.length === 0 ? '' : `, ${filtered.length} left out`
  if (second === undefined) return `${best.name}: the only node that can take ${wants}${left}`
  const beaten = `${best.score.toFixed(2)} against ${second.score.toFixed(2)} on ${second.name}`
  return `${best.name}: least slowdown for ${wants}, ${beaten}${left}`
}

/** One line per node that was left out, e.g. `alder: memory: needs 4 GiB, 1.2 GiB are free`. */
export function explainFiltered({ filtered }: Decision): readonly string[] {
  return filtered.map(({ name, reason, detail }) => `${name}: ${reason}: ${detail}`)
}
