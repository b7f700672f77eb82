import * as z from 'zod'
import { Ipv4, ipv4FromNumber, ipv4ToNumber } from './ipv4.ts'

/** An IPv4 interface address with its prefix length: `10.77.0.1/24`. */
export const Cidr = z
  .string()
  .regex(/^[\d.]+\/\d{1,2}$/, 'an address with prefix length, e.g. 10.77.0.1/24')
  .transform((text, context) => {
    const [address = '', length = ''] = text.split('/')
    const ip = Ipv4.safeParse(address)
    const prefixLength = Number(length)
    if (ip.success && prefixLength <= 32) return { address: ip.data, prefixLength }
    context.addIssue(`not an IPv4 address with prefix length 0..32: ${text}`)
    return z.NEVER
  })
/** `address` is the host's own; the network is `networkOf(cidr)`. */
export type Cidr = { readonly address: Ipv4; readonly prefixLength: number }

function maskOf(prefixLength: number): number {
  return prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0
}

/** The netmask of a prefix length 0..32, as an address. */
export function netmaskOf(prefixLength: number): Ipv4 {
  return ipv4FromNumber(maskOf(prefixLength))
}

/** The network address (all host bits 0). */
export function networkOf(cidr: Cidr): Ipv4 {
  return ipv4FromNumber((ipv4ToNumber(cidr.address) & maskOf(cidr.prefixLength)) >>> 0)
}

/** The directed broadcast address (all host bits 1). */
export function broadcastOf(cidr: Cidr): Ipv4 {
  return ipv4FromNumber((ipv4ToNumber(cidr.address) | ~maskOf(cidr.prefixLength)) >>> 0)
}

/** Whether `ip` lies in the network of `cidr`. */
export function cidrContains(cidr: Cidr, ip: Ipv4): boolean {
  return ((ipv4ToNumber(ip) ^ ipv4ToNumber(cidr.address)) & maskOf(cidr.prefixLength)) === 0
}

/** Whether `ip` is the network address of `cidr`. */
export function isNetworkOf(cidr: Cidr, ip: Ipv4): boolean {
  return cidrContains(cidr, ip) && (ipv4ToNumber(ip) & ~maskOf(cidr.prefixLength)) === 0
}

/** Whether `ip` is the directed broadcast address of `cidr`. */
export function isBroadcastOf(cidr: Cidr, ip: Ipv4): boolean {
  return cidrContains(cidr, ip) && (ipv4ToNumber(ip) | maskOf(cidr.prefixLength)) === -1
}
