import type { Violation } from './frame.ts'

/** One tagged string: its letter, and what follows it. Arguments and environment need not be UTF-8. */
export type Tagged = { readonly tag: string; readonly value: Uint8Array }

/** Tagged strings in the order they came, or why the octets are none. */
export type DecodedTags = { readonly kind: 'tagged'; readonly strings: readonly Tagged[] } | Violation

/** Strings per payload: as many as arguments, variables and limits can be with a few octets each. */
const STRINGS_MAX = 400_000

/** Reads strings that each begin with a tag (one ASCII letter) and end with a NUL. */
export function decodeTagged(payload: Uint8Array): DecodedTags {
  const strings: Tagged[] = []
  let at = 0
  while (at < payload.length) {
    const end = payload.indexOf(0, at)
    if (end === -1) return { kind: 'violation', reason: 'a tagged string without an end' }
    const letter = payload[at] ?? 0
    if (!isLetter(letter)) return { kind: 'violation', reason: `tag ${letter} is no letter` }
    if (strings.length === STRINGS_MAX) return { kind: 'violation', reason: 'too many tagged strings' }
    strings.push({ tag: String.fromCharCode(letter), value: payload.subarray(at + 1, end) })
    at = end + 1
  }
  return { kind: 'tagged', strings }
}

/** The payload of `pairs`, in their order. A NUL would end a string early, so it and what follows is cut off. */
export function encodeTagged(pairs: readonly (readonly [tag: string, value: string | number])[]): Uint8Array {
  const text = pairs.map(([tag, value]) => `${tag}${`${value}`.split('\0', 1)[0]}\0`).join('')
  return new TextEncoder().encode(text)
}

/** The first string with `tag` as text; octets that are no UTF-8 become U+FFFD. */
export function textOf(strings: readonly Tagged[], tag: string): string | undefined {
  const found = strings.find(one => one.tag === tag)
  return found && decoder.decode(found.value)
}

/** All strings with `tag` as text. */
export function textsOf(strings: readonly Tagged[], tag: string): readonly string[] {
  return strings.filter(one => one.tag === tag).map(({ value }) => decoder.decode(value))
}

/** The first string with `tag` as a whole number in decimal; `undefined` when there is none or it is something else. */
export function numberOf(strings: readonly Tagged[], tag: string): number | undefined {
  const text = textOf(strings, tag)
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined
}

const decoder = new TextDecoder()

function isLetter(octet: number): boolean {
  return (octet >= 65 && octet <= 90) || (octet >= 97 && octet <= 122)
}
