/** One frame: u8 type, u32 length big-endian, payload. Written here by hand, apart from the product's codec. */
export function frameBytes(type: number, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(5 + payload.length)
  bytes[0] = type
  new DataView(bytes.buffer).setUint32(1, payload.length)
  bytes.set(payload, 5)
  return bytes
}

/** A row of NUL-terminated strings; the first octet of each is its tag. */
export function taggedBytes(strings: readonly string[]): Uint8Array {
  return new TextEncoder().encode(strings.map(text => `${text}\0`).join(''))
}
