import { broadcastOf, netmaskOf } from '../../config/values/cidr.ts'
import type { BootTurn } from './frozen-boot.ts'
import { renewalTimes } from './lease-time.ts'
import { OPTION } from './options/code.ts'
import { NO_PXE_DHCP } from './options/ipxe.ts'
import { readParameterList } from './options/parameter-list.ts'
import { PXE_BYPASS } from './options/pxe-vendor.ts'
import { ips, nulText, text, u32 } from './options/value.ts'
import { HTTP_CLIENT, PXE_CLIENT } from './options/vendor-class.ts'
import type { Request } from './request.ts'
import type { Subnet } from './subnet.ts'

/** Some options of a reply, as pairs. */
export type OptionPairs = readonly (readonly [number, Uint8Array])[]

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
  const { link, policy } = subnet
  const wanted = readParameterList(request.packet.options.get(OPTION.parameterList))
  const name = subnet.reservations.get(request.mac)?.name
  const optional: OptionPairs = [
    ...(policy.router === undefined ? [] : [[OPTION.router, ips([policy.router])] as const]),
    ...(policy.dns.length === 0 ? [] : [[OPTION.dns, ips(policy.dns)] as const]),
    ...(name === undefined ? [] : [[OPTION.hostName, text(name)] as const]),
    ...(policy.domain === undefined ? [] : [[OPTION.domain, text(policy.domain)] as const]),
  ]
  return [
    [OPTION.subnetMask, ips([netmaskOf(link.prefixLength)])],
    [OPTION.broadcast, ips([broadcastOf(link)])],
    ...optional.filter(([code]) => wanted === undefined || wanted.has(code)),
  ]
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

/** The options given back byte for byte: 61 (RFC 6842 §3), 82 (RFC 3046 §2.2) and, except in a NAK, 97. */
export function echoedOptions(request: Request, withMachineId: boolean): OptionPairs {
  const codes = [OPTION.clientId, OPTION.relayAgent, ...(withMachineId ? [OPTION.machineId] : [])]
  return codes.flatMap(code => {
    const value = request.packet.options.get(code)
    return value === undefined ? [] : [[code, value] as const]
  })
}
