import { formatBytes } from '../config/values/bytes.ts'

/** What to ask for the next time, as a share of what was too little. */
const NEXT_TIME = 1.5
const MIB = 2 ** 20

/** The figures of an out-of-memory kill, bytes; `null` where the kernel did not count, or there was no limit. */
export type OutOfMemory = {
  readonly peakBytes: number | null
  readonly limitBytes: number | null
  readonly reservedBytes: number
}

/** Why a process was killed, and what helps: the same words at its deputy and in the lists. */
export function outOfMemoryText({ limitBytes, peakBytes, reservedBytes }: OutOfMemory): string {
  const used = peakBytes === null ? '' : `: used ${formatBytes(peakBytes)}`
  const allowed =
    limitBytes === null ? ', and its node had no more' : ` of ${formatBytes(limitBytes)} allowed`
  const wantBytes = Math.max(limitBytes ?? 0, peakBytes ?? 0, reservedBytes) * NEXT_TIME
  return `out of memory${used}${allowed}; next time: --mem ${Math.ceil(wantBytes / MIB)}M`
}
