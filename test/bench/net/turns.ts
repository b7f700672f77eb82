import { type Figures, rounded, type Spread, summarize } from '../stats.ts'

/** What one subject did in one case of one run. */
export type Sample = {
  readonly run: number
  readonly subject: string
  readonly case: string
  readonly figures: Figures
}

/** All samples of one subject in one case: medians, with smallest and largest of each figure. */
export type Result = {
  readonly subject: string
  readonly case: string
  readonly runs: number
  readonly figures: Figures
  readonly spread: Readonly<Record<string, Spread>>
}

/**
 * The order in which subjects are measured: they take turns within each run, so that a host that grows slower or
 * faster meanwhile does so for all, and every other run goes through them backwards, so that none is always the
 * first. Runs count from 1.
 */
export function turns<T>(
  subjects: readonly T[],
  runs: number,
): readonly { readonly run: number; readonly subject: T }[] {
  return Array.from({ length: runs }, (_, index) => index + 1).flatMap(run =>
    (run % 2 === 1 ? subjects : [...subjects].reverse()).map(subject => ({ run, subject })),
  )
}

/** The results, one per case and subject, both in the order in which they first come. */
export function resultsOf(samples: readonly Sample[]): readonly Result[] {
  const cases = [...new Set(samples.map(sample => sample.case))]
  const subjects = [...new Set(samples.map(sample => sample.subject))]
  return cases.flatMap(name =>
    subjects.flatMap(subject => {
      const own = samples.filter(sample => sample.subject === subject && sample.case === name)
      if (own.length === 0) return []
      const { medians, spread } = summarize(own.map(sample => sample.figures))
      return [{ subject, case: name, runs: own.length, figures: medians, spread }]
    }),
  )
}

/** One subject's median of a figure by another's; `undefined` when one of them is missing or 0. */
export function ratioOf(
  results: readonly Result[],
  name: string,
  figure: string,
  [subject, peer]: readonly [string, string],
): number | undefined {
  const of = (who: string) =>
    results.find(result => result.subject === who && result.case === name)?.figures[figure]
  const [own, other] = [of(subject), of(peer)]
  return own === undefined || other === undefined || other === 0 ? undefined : rounded(own / other)
}

/** Medians beside subject and case, as in every bench's JSON document. */
export function resultDocuments(results: readonly Result[]) {
  return results.map(({ figures, spread, ...result }) => ({ ...result, ...figures, spread }))
}
