const LF = 0x0a
const CR = 0x0d
const NUL = 0x00

/**
 * Local text to network text (RFC 1350 §1, RFC 764): LF becomes CR LF, CR becomes CR NUL, all else stays. Each octet
 * stands for itself, so a stream may be converted in chunks cut anywhere and the results joined.
 */
export function toNetascii(chunk: Uint8Array): Uint8Array {
  const extra = chunk.reduce((count, octet) => count + Number(octet === LF || octet === CR), 0)
  if (extra === 0) return chunk
  const converted = new Uint8Array(chunk.length + extra)
  let at = 0
  for (const octet of chunk) {
    if (octet === LF || octet === CR) {
      converted[at++] = CR
      converted[at++] = octet === LF ? LF : NUL
    } else converted[at++] = octet
  }
  return converted
}
