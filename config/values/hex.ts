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
