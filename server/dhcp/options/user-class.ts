import { readText } from './value.ts'

/** User classes that change our answer, the most specific first. */
const KNOWN = ['godwit', 'iPXE', 'gPXE'] as const
/** A loader that made itself known by option 77; `godwit` is set by our own script. */
export type UserClass = (typeof KNOWN)[number]

/**
 * The loader named in option 77. RFC 3004 §4 wants counted strings, iPXE and gPXE write the bare name, so both
 * readings are tried; a broken inner structure is no error.
 */
export function readUserClass(value: Uint8Array | undefined): UserClass | undefined {
  if (value === undefined) return undefined
  const candidates = [readText(value), ...countedStrings(value)]
  return KNOWN.find(name => candidates.includes(name))
}

/** The RFC 3004 instances, or none when their lengths do not add up to the whole option. */
function countedStrings(value: Uint8Array): readonly string[] {
  const found: string[] = []
  let at = 0
  while (at < value.length) {
    const length = value[at] ?? 0
    if (length === 0 || at + 1 + length > value.length) return []
    found.push(readText(value.subarray(at + 1, at + 1 + length)))
    at += 1 + length
  }
  return found
}
