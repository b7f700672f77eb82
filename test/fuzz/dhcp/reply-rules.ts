import { AT, optionsOf } from './build.ts'

/** What a DHCP server may send: at least what BOOTP clients take, at most one frame of Ethernet (bytes of payload). */
const SIZES = { min: 300, max: 1472 }
const SERVER = [10, 96, 0, 1]
const COOKIE = 0x63825363
/** OFFER, ACK, NAK, and the three answers to a lease query. */
const REPLY_TYPES = new Set([2, 5, 6, 11, 12, 13])

/** What is wrong with a reply of the server; `undefined` when nothing is. */
export function flawOf(bytes: Uint8Array, from: { readonly address: string; readonly port: number }) {
  if (from.address !== SERVER.join('.')) return `a reply comes from ${from.address}`
  if (from.port !== 67 && from.port !== 4011) return `a reply comes from port ${from.port}`
  if (bytes.length < SIZES.min || bytes.length > SIZES.max) return `a reply has ${bytes.length} bytes`
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes[AT.op] !== 2 || view.getUint32(AT.cookie) !== COOKIE) return 'a reply is no BOOTREPLY'
  const options = optionsOf(bytes)
  if (options === undefined) return 'the options of a reply are broken'
  const type = options.get(53)
  // A BOOTP client gets no message type.
  if (type !== undefined && !REPLY_TYPES.has(type[0] ?? 0)) return `a reply has type ${type[0]}`
  if (type !== undefined && !isOurs(options)) return 'a reply does not say whose it is'
  return addressFlaw(bytes.subarray(AT.yiaddr, AT.yiaddr + 4))
}

/** Option 54 is our address, or what the relay wants there (RFC 5107: sub-option 11 of option 82, which comes back). */
function isOurs(options: ReadonlyMap<number, Uint8Array>): boolean {
  const named = options.get(54)
  if (named?.length !== 4) return false
  const wanted = Buffer.from([11, 4, ...named])
  const relay = options.get(82) ?? new Uint8Array(0)
  return SERVER.every((octet, at) => named[at] === octet) || Buffer.from(relay).includes(wanted)
}

function addressFlaw([a = 0, b = 0, c = 0, d = 0]: Uint8Array): string | undefined {
  if (a === 0 && b === 0 && c === 0 && d === 0) return undefined
  const isInSubnet = a === 10 && b === 96
  const isOurs = c === 0 && d <= 2
  return isInSubnet && !isOurs ? undefined : `a reply gives the address ${a}.${b}.${c}.${d}`
}
