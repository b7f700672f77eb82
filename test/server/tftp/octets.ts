/** The octets of a text in which each character stands for one. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(text, char => char.charCodeAt(0))
}

/** A read request as such a text. */
export function readRequest(
  filename: string,
  mode: string,
  options: readonly (readonly [string, string])[] = [],
): string {
  return `\x00\x01${filename}\x00${mode}\x00${options.map(([name, value]) => `${name}\x00${value}\x00`).join('')}`
}
