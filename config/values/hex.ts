const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, octet) =>
  octet.toString(16).padStart(2, '0'),
)

/** Each octet as two lower-case hex digits, with `separator` between them. */
export function hexOf(octets: Iterable<number>, separator = ''): string {
  let text = ''
  for (const octet of octets) text += text === '' ? PAIRS[octet] : separator + PAIRS[octet]
  return text
}
