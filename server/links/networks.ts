import { type Cidr, cidrContains } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { ServedLink } from './link.ts'

/** A network with machines in it, and what they need to leave it. */
export type ClientNetwork = {
  readonly cidr: Cidr
  readonly gateway: Ipv4 | undefined
  readonly dns: Ipv4 | undefined
}

/** The networks whose machines come to us by this link: its own first, then those behind relay agents. */
export function networksOf({ cidr, dhcp }: ServedLink): readonly [ClientNetwork, ...ClientNetwork[]] {
  return [
    { cidr, gateway: dhcp.router, dns: dhcp.dns[0] },
    ...dhcp.relayed.map(({ subnet, router, dns }) => ({
      cidr: subnet,
      gateway: router,
      dns: (dns ?? dhcp.dns)[0],
    })),
  ]
}

/** Whether a machine with this address comes to us by this link. */
export function serves(link: ServedLink, ip: Ipv4): boolean {
  return networksOf(link).some(({ cidr }) => cidrContains(cidr, ip))
}
