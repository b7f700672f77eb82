import { UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import { senderOf } from './identity.ts'
import type { Options } from './options/area.ts'
import { firmwareOf, readClientArch } from './options/client-arch.ts'
import { BOOTP, MESSAGE, OPTION } from './options/code.ts'
import { readHostName } from './options/host-name.ts'
import { ipIn, numberIn } from './options/in-place.ts'
import { readIpxeFeatures } from './options/ipxe.ts'
import { readMachineId } from './options/machine-id.ts'
import { readRelayAgent } from './options/relay-agent.ts'
import { readUserClass, type UserClass } from './options/user-class.ts'
import { readVendorArch, readVendorClass } from './options/vendor-class.ts'
import type { DhcpPacket, Source } from './packet.ts'
import type { Request, Stage } from './request.ts'

/** A request worth deciding on, or why the packet is not one. Reasons are fixed texts. */
export type Classified =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'refused'; readonly reason: string }

/** The limit RFC 1542 §4.1.1 gives relays. */
const MAX_HOPS = 16

/** Names the machine, the stage of its boot and what it asks for. */
export function classify(packet: DhcpPacket, source: Source): Classified {
  // Our own broadcast replies, or another server's, come by here too.
  if (packet.op !== 1) return { kind: 'refused', reason: 'not a request' }
  if (packet.hops > MAX_HOPS) return { kind: 'refused', reason: 'more than 16 hops' }
  const sender = senderOf(packet)
  if (sender.kind === 'nobody') return { kind: 'refused', reason: sender.reason }
  const { options } = packet
  const messageType = numberIn(options, OPTION.messageType) ?? BOOTP
  if (messageType > MESSAGE.inform || (messageType === BOOTP && options.has(OPTION.messageType)))
    return { kind: 'refused', reason: 'a message type we do not serve' }
  const { mac, identity } = sender
  const userClass = readUserClass(options.get(OPTION.userClass))
  return {
    kind: 'request',
    request: {
      packet,
      source,
      mac,
      identity,
      messageType,
      stage: messageType === BOOTP ? 'rom' : stageOf(options, userClass),
      client: clientOf(mac, options, userClass),
      requestedIp: ipIn(options, OPTION.requestedIp),
      serverId: ipIn(options, OPTION.serverId),
      leaseHintSeconds: numberIn(options, OPTION.leaseSeconds),
      hostName: readHostName(options.get(OPTION.hostName)),
      // Without a relay nobody vouches for the option, whoever put it there.
      relay: readRelayAgent(packet.giaddr === UNSPECIFIED ? undefined : options.get(OPTION.relayAgent)),
    },
  }
}

function clientOf(mac: Mac, options: Options, userClass: UserClass | undefined): Request['client'] {
  const arch =
    readClientArch(options.get(OPTION.clientArch)) ?? readVendorArch(options.get(OPTION.vendorClass))
  return {
    mac,
    arch,
    firmware: firmwareOf(arch),
    userClass,
    machineId: readMachineId(options.get(OPTION.machineId)),
    features: readIpxeFeatures(options.get(OPTION.ipxe)),
  }
}

/** iPXE first: it also says `PXEClient`, and must never get a loader again, or it would load itself for ever. */
function stageOf(options: Options, userClass: UserClass | undefined): Stage {
  if (userClass !== undefined || options.has(OPTION.ipxe)) return 'ipxe'
  const kind = readVendorClass(options.get(OPTION.vendorClass))
  return kind === 'http' ? 'uefi-http' : kind === 'pxe' ? 'rom' : 'os'
}
