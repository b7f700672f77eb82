const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  octet.toString(16).padStart(2, '0'),
)

/** Each octet as two lower-case hex digits, with `separator` between them. */
export function hexOf(octets: ArrayLike<number>, separator = ''): string {
  let text = ''
  for (let at = 0; at < octets.length; at += 1) {
    const pair = PAIRS[octets[at] ?? 0] ?? ''
    text += at === 0 ? pair : separator + pair
  }
  return text
}

/** Character code of an octet's first hex digit, lower case: texts of a known length are made in one piece of these. */
export function highDigit(octet = 0): number {
  return digit(octet >>> 4)
}

/** Character code of an octet's second hex digit. */
export function lowDigit(octet = 0): number {
  return digit(octet & 15)
}

function digit(value: number): number {
  return value < 10 ? 48 + value : 87 + value
}
