/** One reply as firmware sees it: read by hand, so that a fault of our own codec cannot hide itself. */
export type Reply = {
  readonly from: string
  readonly xid: number
  readonly type: number
  readonly yiaddr: string
  readonly siaddr: string
  readonly file: string
  readonly options: ReadonlyMap<number, Uint8Array>
}

/** What a client message is made of. */
export type Message = {
  readonly type: number
  readonly mac: readonly number[]
  readonly xid: number
  readonly ciaddr?: string
  readonly options: readonly (readonly [number, readonly number[]])[]
}

/** The octets of a dotted quad. */
export const quad = (address: string): readonly number[] => address.split('.').map(Number)

/** The octets of a text. */
export const chars = (text: string): readonly number[] => [...Buffer.from(text, 'latin1')]

/** The text in octets, up to the first NUL. */
export const textOf = (bytes: Uint8Array | undefined): string =>
  Buffer.from(bytes ?? [])
    .toString('latin1')
    .replace(/\0.*$/s, '')

/** A client message as octets, 300 of them or more, broadcast flag set. */
export function writeMessage({ type, mac, xid, ciaddr = '0.0.0.0', options }: Message): Uint8Array {
  const head = Buffer.alloc(240)
  head.set([1, 1, 6, 0])
  head.writeUInt32BE(xid, 4)
  head.writeUInt16BE(0x8000, 10)
  head.set(quad(ciaddr), 12)
  head.set(mac, 28)
  head.writeUInt32BE(0x6382_5363, 236)
  const all = [[53, [type]] as const, ...options].flatMap(([code, value]) => [code, value.length, ...value])
  const message = Buffer.concat([head, Buffer.from([...all, 255])])
  return Buffer.concat([message, Buffer.alloc(Math.max(0, 300 - message.length))])
}

/** Reads a reply; `stopAt` is a code after which this firmware reads no further option. */
export function readReply(bytes: Uint8Array, from: string, stopAt?: number): Reply | undefined {
  const all = Buffer.from(bytes)
  if (all.length < 240 || all[0] !== 2) return undefined
  const address = (at: number) => [...all.subarray(at, at + 4)].join('.')
  const options = readOptions(all.subarray(240), stopAt)
  return {
    from,
    xid: all.readUInt32BE(4),
    type: options.get(53)?.[0] ?? 0,
    yiaddr: address(16),
    siaddr: address(20),
    file: textOf(all.subarray(108, 236)),
    options,
  }
}

/** Options or sub-options in a row. */
export function readOptions(bytes: Uint8Array, stopAt?: number): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>()
  let at = 0
  while (at + 1 < bytes.length && bytes[at] !== 255) {
    const code = bytes[at] ?? 0
    if (code === 0) {
      at += 1
      continue
    }
    const length = bytes[at + 1] ?? 0
    found.set(code, bytes.subarray(at + 2, at + 2 + length))
    if (code === stopAt) break
    at += 2 + length
  }
  return found
}
