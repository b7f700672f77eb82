/** The part of a file a GET asks for (RFC 9110 §14); positions are octets, `end` inclusive. */
export type RangeChoice =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' }

const SINGLE_RANGE = /^bytes=(\d*)-(\d*)$/

/**
 * Decides what a `Range` header means for a file of `sizeBytes`. A header we cannot read and several ranges mean the
 * whole file: a server may ignore Range (RFC 9110 §14.2), and no firmware asks for several.
 */
export function chooseRange(range: string | undefined, sizeBytes: number): RangeChoice {
  const match = range === undefined ? null : SINGLE_RANGE.exec(range.trim())
  if (match === null) return { kind: 'whole' }
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return { kind: 'whole' }
  if (first === '') return suffix(Number(last), sizeBytes)
  const start = Number(first)
  const end = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  if (last !== '' && Number(last) < start) return { kind: 'whole' }
  return start >= sizeBytes ? { kind: 'unsatisfiable' } : { kind: 'part', start, end }
}

function suffix(length: number, sizeBytes: number): RangeChoice {
  if (length === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' }
  return { kind: 'part', start: Math.max(0, sizeBytes - length), end: sizeBytes - 1 }
}
