import { formatBytes } from '../config/values/bytes.ts'
import type { Candidate, Decision, Demand } from '../protocol/decision.ts'
import { formatDuration, renderTable } from './output.ts'

/** A decision as text: what was asked, who was best and by which terms, who was left out and why. */
export function describeDecision(decision: Decision): string {
  const { candidates, chosen } = decision
  const best = candidates.find(({ node }) => node === chosen)
  return [
    `${decision.process}: ${decision.command.join(' ')}`,
    best === undefined ? 'placed nowhere' : `placed on ${best.name}: ${wishText(best.demand)}`,
    ...(best === undefined ? [] : demandLines(best.demand)),
    ...(candidates.length > 0 ? [candidateTable(candidates, chosen)] : []),
    ...moreCandidates(decision),
    ...decision.filtered.map(({ name, reason, detail }) => `  ${name}: ${reason} (${detail})`),
    ...moreFiltered(decision),
    ...(candidates.length > 1 ? ['lower is better; * was chosen'] : []),
  ].join('\n')
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${Number(threads.toPrecision(2))} threads`
}

function wishText({ threads, threadsFrom, memoryBytes, memoryFrom }: Demand): string {
  return `${threadsText(threads)} (${threadsFrom}), ${formatBytes(memoryBytes)} (${memoryFrom})`
}

function demandLines({ memoryMaxBytes, lifeMs, key }: Demand): readonly string[] {
  const limit = memoryMaxBytes === null ? 'no limit' : `limit ${formatBytes(memoryMaxBytes)}`
  const life = lifeMs === null ? '' : `; such runs usually take ${formatDuration(lifeMs)}`
  return [`${limit}${life}`, ...(key === '' ? [] : [`remembered as: ${key}`])]
}

/** What a candidate would have been promised is only told where it was not the same everywhere. */
function candidateTable(candidates: readonly Candidate[], chosen: string | null): string {
  const terms = [...new Set(candidates.flatMap(candidate => Object.keys(candidate.terms)))]
  const differs = new Set(candidates.map(({ demand }) => demand.memoryBytes)).size > 1
  const rows = candidates.map(({ node, name, score, terms: values, demand }) => [
    `${node === chosen ? '* ' : '  '}${name}`,
    ...(differs ? [formatBytes(demand.memoryBytes)] : []),
    score.toFixed(3),
    ...terms.map(term => (values[term] ?? 0).toFixed(3)),
  ])
  const wants = differs ? ['WANTS'] : []
  return renderTable(['CANDIDATE', ...wants, 'SCORE', ...terms.map(term => term.toUpperCase())], rows)
}

function moreCandidates({ omitted }: Decision): readonly string[] {
  return omitted === undefined || omitted.candidates === 0
    ? []
    : [`  and ${omitted.candidates} more that could have taken it, with higher scores`]
}

function moreFiltered({ omitted }: Decision): readonly string[] {
  if (omitted === undefined || omitted.filtered === 0) return []
  const reasons = Object.entries(omitted.reasons).map(([reason, count]) => `${count} ${reason}`)
  return [`  and ${omitted.filtered} more that could not: ${reasons.join(', ')}`]
}
