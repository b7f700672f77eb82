import type { Ipv4 } from '../../config/values/ipv4.ts'
import { renewalTimes } from './lease-time.ts'
import { honoursSubnetSelection } from './link.ts'
import { memo } from './memo.ts'
import { OPTION } from './options/code.ts'
import { ips, text, u8, u32 } from './options/value.ts'
import type { OptionPairs } from './ordered-options.ts'
import type { Request } from './request.ts'
import { isRaspberryPi } from './styles/raspberry-pi.ts'
import type { Subnet } from './subnet.ts'

type Pair = OptionPairs[number]

const typeOption = memo((messageType: number): Pair => [OPTION.messageType, u8(messageType)])
const serverOption = memo((serverId: Ipv4): Pair => [OPTION.serverId, ips([serverId])])

/** 53 and 54: what the message is, and who we are. */
export function messageOptions(messageType: number, serverId: Ipv4): OptionPairs {
  return [typeOption(messageType), serverOption(serverId)]
}

/** 51, 58, 59: how long the address is good and when to renew. Not for INFORM (RFC 2131 §4.3.5). */
export const leaseOptions = memo((leaseSeconds: number): OptionPairs => {
  const { t1Seconds, t2Seconds } = renewalTimes(leaseSeconds)
  return [
    [OPTION.leaseSeconds, u32(leaseSeconds)],
    [OPTION.renewalSeconds, u32(t1Seconds)],
    [OPTION.rebindingSeconds, u32(t2Seconds)],
  ]
})

/** The network's parameters: mask and broadcast always (some ROMs forget to ask), the rest when asked for. */
export function networkOptions(request: Request, subnet: Subnet): OptionPairs {
  const { always, whenAsked } = subnet.options
  const name = subnet.reservations.get(request.mac)?.name
  const optional = name === undefined ? whenAsked : [...whenAsked, [OPTION.hostName, text(name)] as const]
  if (optional.length === 0) return always
  // Without a list everything is meant (RFC 2131 §3.5); codes nobody has a value for are passed over.
  // A Raspberry Pi's ROM needs the mask and the router, and asks for neither (rpi firmware #862, #1001).
  const wanted = request.packet.options.get(OPTION.parameterList)
  const isPi = request.stage === 'rom' && isRaspberryPi(request.client)
  return isPi || wanted === undefined || wanted.length === 0
    ? [...always, ...optional]
    : [...always, ...optional.filter(([code]) => wanted.includes(code))]
}

const ECHOED_IN_NAK: readonly number[] = [OPTION.clientId, OPTION.relayAgent]
const ECHOED: readonly number[] = [...ECHOED_IN_NAK, OPTION.machineId]
const ECHOED_TO_SELECTED: readonly number[] = [...ECHOED, OPTION.subnetSelection]

/**
 * The options given back byte for byte: 61 (RFC 6842 §3), 82 (RFC 3046 §2.2) and, except in a NAK, 97, and 118
 * where it was followed.
 */
export function echoedOptions(request: Request, subnet: Subnet, isNak: boolean): OptionPairs {
  if (isNak) return echoes(request, ECHOED_IN_NAK)
  return echoes(request, honoursSubnetSelection(subnet, request) ? ECHOED_TO_SELECTED : ECHOED)
}

/** What a proxy gives back; 97 not to firmware that chokes on it. */
export function echoedByProxy(request: Request, withMachineId: boolean): OptionPairs {
  return echoes(request, withMachineId ? ECHOED : ECHOED_IN_NAK)
}

function echoes({ packet }: Request, codes: readonly number[]): OptionPairs {
  const pairs: [number, Uint8Array][] = []
  for (const code of codes) {
    const value = packet.options.get(code)
    if (value !== undefined) pairs.push([code, value])
  }
  return pairs
}
