/** A DHCP packet in parts; written without the server's codec, so that a mistake in that cannot hide here. */
export type Parts = {
  readonly op?: number
  readonly htype?: number
  readonly hlen?: number
  readonly hops?: number
  readonly xid?: number
  readonly flags?: number
  readonly ciaddr?: readonly number[]
  readonly yiaddr?: readonly number[]
  readonly giaddr?: readonly number[]
  readonly chaddr?: Uint8Array
  readonly sname?: Uint8Array
  readonly file?: Uint8Array
  /** Code and value; a value longer than 255 is cut there. */
  readonly options?: readonly (readonly [number, ArrayLike<number>])[]
  /** What follows the options; END when omitted. */
  readonly tail?: Uint8Array
}

/** Where things are in a packet (RFC 2131 §2). */
export const AT = { op: 0, hops: 3, xid: 4, ciaddr: 12, yiaddr: 16, giaddr: 24, chaddr: 28, cookie: 236 }
/** Header and magic cookie. */
export const FIXED_BYTES = 240
const COOKIE = [99, 130, 83, 99]

/** The packet as bytes. */
export function build(parts: Parts): Uint8Array {
  const { options = [], tail = Uint8Array.of(255) } = parts
  const size = options.reduce((sum, [, value]) => sum + 2 + Math.min(255, value.length), 0)
  const bytes = new Uint8Array(FIXED_BYTES + size + tail.length)
  const view = new DataView(bytes.buffer)
  bytes.set([parts.op ?? 1, parts.htype ?? 1, parts.hlen ?? 6, parts.hops ?? 0])
  view.setUint32(AT.xid, parts.xid ?? 0)
  view.setUint16(10, parts.flags ?? 0)
  for (const name of ['ciaddr', 'yiaddr', 'giaddr'] as const) bytes.set(parts[name] ?? [], AT[name])
  bytes.set((parts.chaddr ?? new Uint8Array(16)).subarray(0, 16), AT.chaddr)
  bytes.set((parts.sname ?? new Uint8Array(0)).subarray(0, 64), 44)
  bytes.set((parts.file ?? new Uint8Array(0)).subarray(0, 128), 108)
  bytes.set(COOKIE, AT.cookie)
  let at = FIXED_BYTES
  for (const [code, value] of options) {
    const length = Math.min(255, value.length)
    bytes.set([code, length], at)
    for (let index = 0; index < length; index += 1) bytes[at + 2 + index] = value[index] ?? 0
    at += 2 + length
  }
  bytes.set(tail, at)
  return bytes
}

/** Reads the options area up to END; `undefined` when it is broken. Values of the same code are one (RFC 3396). */
export function optionsOf(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const options = new Map<number, Uint8Array>()
  for (let at = FIXED_BYTES; at < bytes.length; ) {
    const code = bytes[at] ?? 255
    if (code === 255) return options
    if (code === 0) {
      at += 1
      continue
    }
    const length = bytes[at + 1]
    if (length === undefined || at + 2 + length > bytes.length) return undefined
    const value = bytes.subarray(at + 2, at + 2 + length)
    const before = options.get(code)
    options.set(code, before === undefined ? value : Uint8Array.of(...before, ...value))
    at += 2 + length
  }
  return undefined
}
