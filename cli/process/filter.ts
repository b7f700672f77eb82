import type { ProcessRecord } from '../../protocol/process.ts'

/** Which processes somebody wants to see; what is left out does not matter. */
export type ProcessWish = {
  readonly node?: string | undefined
  readonly uid?: number | undefined
  readonly name?: string | undefined
  readonly state?: ProcessRecord['state'] | undefined
}

/** The processes that fit every part of the wish, in their order. */
export function filterProcesses(
  records: readonly ProcessRecord[],
  { node, uid, name, state }: ProcessWish,
): readonly ProcessRecord[] {
  return records.filter(
    record =>
      (node === undefined || record.nodeName === node || record.node === node) &&
      (uid === undefined || record.uid === uid) &&
      (name === undefined || record.name === name) &&
      (state === undefined || record.state === state),
  )
}
