import type { BootTurn } from './frozen-boot.ts'
import { renewalTimes } from './lease-time.ts'
import { honoursSubnetSelection } from './link.ts'
import { OPTION } from './options/code.ts'
import { NO_PXE_DHCP } from './options/ipxe.ts'
import { PXE_BYPASS } from './options/pxe-vendor.ts'
import { nulText, text, u32 } from './options/value.ts'
import { HTTP_CLIENT, PXE_CLIENT } from './options/vendor-class.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'
import type { OptionPairs } from './subnet-options.ts'

/** 51, 58, 59: how long the address is good and when to renew. Not for INFORM (RFC 2131 §4.3.5). */
export function leaseOptions(leaseSeconds: number): OptionPairs {
  const { t1Seconds, t2Seconds } = renewalTimes(leaseSeconds)
  return [
    [OPTION.leaseSeconds, u32(leaseSeconds)],
    [OPTION.renewalSeconds, u32(t1Seconds)],
    [OPTION.rebindingSeconds, u32(t2Seconds)],
  ]
}

/** The network's parameters: mask and broadcast always (some ROMs forget to ask), the rest when asked for. */
export function networkOptions(request: Request, subnet: Subnet): OptionPairs {
  const { always, whenAsked } = subnet.options
  const wanted = request.packet.options.get(OPTION.parameterList)
  const name = subnet.reservations.get(request.mac)?.name
  const optional = name === undefined ? whenAsked : [...whenAsked, [OPTION.hostName, text(name)] as const]
  // Without a list everything is meant (RFC 2131 §3.5); codes nobody has a value for are passed over.
  return wanted === undefined || wanted.length === 0
    ? [...always, ...optional]
    : [...always, ...optional.filter(([code]) => wanted.includes(code))]
}

/**
 * What makes firmware boot, asked for or not: ROMs get 60, 43, 66 and 67, UEFI HTTP boot 60 and its URL, iPXE
 * its script and "do not wait for a proxyDHCP". iPXE gets no 60: that would make it treat us as a proxy.
 */
export function bootOptions({ stage, boot }: BootTurn): OptionPairs {
  if (stage === 'ipxe') {
    const quick = [OPTION.ipxe, NO_PXE_DHCP] as const
    return boot === undefined ? [quick] : [[OPTION.bootFile, nulText(boot.file)], quick]
  }
  if (boot === undefined || stage === 'os') return []
  if (stage === 'uefi-http')
    return [
      [OPTION.vendorClass, text(HTTP_CLIENT)],
      [OPTION.bootFile, nulText(boot.file)],
    ]
  return [
    [OPTION.vendorClass, text(PXE_CLIENT)],
    [OPTION.vendorSpecific, PXE_BYPASS],
    [OPTION.tftpServer, nulText(boot.nextServer)],
    [OPTION.bootFile, nulText(boot.file)],
  ]
}

const ECHOED_IN_NAK: readonly number[] = [OPTION.clientId, OPTION.relayAgent]
const ECHOED: readonly number[] = [...ECHOED_IN_NAK, OPTION.machineId]
const ECHOED_TO_SELECTED: readonly number[] = [...ECHOED, OPTION.subnetSelection]

/**
 * The options given back byte for byte: 61 (RFC 6842 §3), 82 (RFC 3046 §2.2) and, except in a NAK, 97, and 118
 * where it was followed.
 */
export function echoedOptions(request: Request, subnet: Subnet, isNak: boolean): OptionPairs {
  const granted = honoursSubnetSelection(subnet, request) ? ECHOED_TO_SELECTED : ECHOED
  const codes = isNak ? ECHOED_IN_NAK : granted
  return codes.flatMap(code => {
    const value = request.packet.options.get(code)
    return value === undefined ? [] : [[code, value] as const]
  })
}
