import type { ProcessRecord } from '../../protocol/process.ts'

/** The process a person means, or why that is not clear. */
export type FoundProcess =
  | { readonly kind: 'found'; readonly record: ProcessRecord }
  | { readonly kind: 'unknown'; readonly message: string }

/**
 * Finds a process by `last` (the one placed latest), by its name (the latest of that name), by its id, or by the beginning of it, with or without `p-`, when
 * only one begins so.
 */
export function findProcess(records: readonly ProcessRecord[], wanted: string): FoundProcess {
  if (wanted === 'last') {
    const last = newestFirst(records)[0]
    return last === undefined
      ? { kind: 'unknown', message: 'there is no process yet' }
      : { kind: 'found', record: last }
  }
  const named = newestFirst(records.filter(({ name }) => name === wanted))[0]
  if (named !== undefined) return { kind: 'found', record: named }
  const prefix = wanted.startsWith('p-') ? wanted : `p-${wanted}`
  const [first, ...rest] = wanted === '' ? [] : records.filter(({ id }) => id.startsWith(prefix))
  if (first === undefined) return { kind: 'unknown', message: `there is no process "${wanted}"` }
  if (rest.length === 0 || first.id === prefix) return { kind: 'found', record: first }
  const names = [first, ...rest].map(({ id }) => id).slice(0, 5)
  return { kind: 'unknown', message: `"${wanted}" could be ${names.join(', ')}; write more of it` }
}

/** The processes in the order people ask for them: latest placement first. */
export function newestFirst(records: readonly ProcessRecord[]): readonly ProcessRecord[] {
  return [...records].sort((a, b) => b.placedAtMs - a.placedAtMs || (a.id < b.id ? -1 : 1))
}
