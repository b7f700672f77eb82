import { type Ipv4, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import type { BootTurn } from '../frozen-boot.ts'
import { MESSAGE, OPTION } from '../options/code.ts'
import { type BootItem, readBootItem } from '../options/pxe-vendor.ts'
import { readVendorClass } from '../options/vendor-class.ts'
import { CLIENT_PORT, type Endpoint } from '../packet.ts'
import type { Request } from '../request.ts'
import { isRaspberryPi } from '../styles/raspberry-pi.ts'

/** UDP port of PXE boot servers (PXE 2.1 §2.2). */
export const BOOT_SERVER_PORT = 4011

/** The answer to a request on port 4011, or why there is none. Reasons are fixed texts. */
export type BootServerDecision =
  | { readonly kind: 'ack'; readonly to: Endpoint; readonly item: BootItem | undefined }
  | { readonly kind: 'ignore'; readonly reason: string }

const ASKING: readonly number[] = [MESSAGE.request, MESSAGE.inform, MESSAGE.discover]
/** Bit 15 of a boot item's layer: the client wants signed credentials (BIS), which we have not. */
const CREDENTIALS = 0x8000
/** Below this only the client's own port sends: a forged request must not make us answer to a server. */
const FIRST_FREE_PORT = 1024

/**
 * Whether a request on port 4011 is answered, and where: at its source address and port, for EDK2 asks from 4011 and
 * iPXE from 68. `accepts` tells our clients' addresses. A source that is not the client's own address is a forgery:
 * our answer would go to somebody else.
 */
export function decideBootServer(
  request: Request,
  turn: BootTurn,
  accepts: (ip: Ipv4) => boolean,
): BootServerDecision {
  const { packet, source } = request
  if (!ASKING.includes(request.messageType)) return ignore('not a question to a boot server')
  if (!isPxe(request)) return ignore('not a PXE client')
  const { ciaddr } = packet
  if (source.address !== UNSPECIFIED && source.address !== ciaddr)
    return ignore('source is not the client address')
  if (!accepts(ciaddr)) return ignore('not an address of ours')
  if (source.port !== CLIENT_PORT && source.port < FIRST_FREE_PORT) return ignore('not a client port')
  const item = readBootItem(packet.options.get(OPTION.vendorSpecific))
  if (item !== undefined && (item.layer & CREDENTIALS) !== 0) return ignore('wants credentials')
  if (turn.boot === undefined) return ignore('nothing to boot')
  const port = source.address === UNSPECIFIED ? CLIENT_PORT : source.port
  return { kind: 'ack', to: { address: ciaddr, port }, item }
}

/** A Raspberry Pi leaves option 60 out of its REQUEST. */
function isPxe({ packet, client }: Request): boolean {
  return readVendorClass(packet.options.get(OPTION.vendorClass)) === 'pxe' || isRaspberryPi(client)
}

function ignore(reason: string): BootServerDecision {
  return { kind: 'ignore', reason }
}
