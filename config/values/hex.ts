/** Each octet as two lower-case hex digits, with `separator` between them. */
export function hexOf(octets: Iterable<number>, separator = ''): string {
  return Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join(separator)
}
