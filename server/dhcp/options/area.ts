import { OPTION } from './code.ts'

/** Options of one packet: code to value, RFC 3396 fragments already joined. A `Map` is one. */
export type Options = Iterable<readonly [number, Uint8Array]> & {
  readonly size: number
  has(code: number): boolean
  get(code: number): Uint8Array | undefined
  keys(): Iterable<number>
  values(): Iterable<Uint8Array>
}

/** One option as it stands on the wire; one code may come several times. */
export type Tlv = { readonly code: number; readonly value: Uint8Array }

/** What one area (the options field, `file` or `sname`) held; `cutOffAt` is the code whose length overran it. */
export type Area = { readonly tlvs: readonly Tlv[]; readonly cutOffAt: number | undefined }

/**
 * Reads the options in one area (RFC 2132 §2): PAD is skipped anywhere, END ends, a missing END is tolerated
 * (some ROMs omit it), and a length that runs past the area stops the walk with what was read so far.
 */
export function readArea(bytes: Uint8Array): Area {
  const tlvs: Tlv[] = []
  let at = 0
  while (at < bytes.length) {
    const code = bytes[at] ?? OPTION.end
    if (code === OPTION.end) break
    if (code === OPTION.pad) {
      at += 1
      continue
    }
    const length = bytes[at + 1]
    if (length === undefined || at + 2 + length > bytes.length) return { tlvs, cutOffAt: code }
    tlvs.push({ code, value: bytes.subarray(at + 2, at + 2 + length) })
    at += 2 + length
  }
  return { tlvs, cutOffAt: undefined }
}

/** The longest value one option can carry on the wire; longer ones are split. */
const MAX_FRAGMENT_BYTES = 255

/** Wire length of one option with its code and length octets, split as RFC 3396 §7 says. */
export function optionSizeBytes(value: Uint8Array): number {
  const fragments = value.length <= MAX_FRAGMENT_BYTES ? 1 : Math.ceil(value.length / MAX_FRAGMENT_BYTES)
  return value.length + 2 * fragments
}

/** Writes one option at `at`, in adjacent fragments when it is long (RFC 3396 §7); returns the next offset. */
export function writeOption(into: Uint8Array, at: number, code: number, value: Uint8Array): number {
  let offset = at
  let from = 0
  do {
    const length = Math.min(MAX_FRAGMENT_BYTES, value.length - from)
    into[offset] = code
    into[offset + 1] = length
    // Values are a few octets: a loop is faster than a view and a copy.
    for (let index = 0; index < length; index += 1) into[offset + 2 + index] = value[from + index] ?? 0
    offset += 2 + length
    from += length
  } while (from < value.length)
  return offset
}
