import { type Cidr, cidrContains } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { DhcpConfig } from './link.ts'

/**
 * The DHCP settings of one link: its own over the common ones. Where several links are served, common addresses that
 * lie in another network are another link's: they are left out here instead of being called wrong.
 */
export function dhcpOn(
  common: DhcpConfig,
  own: Partial<DhcpConfig>,
  link: Cidr,
  isOnlyLink: boolean,
): DhcpConfig {
  return { ...(isOnlyLink ? common : localPart(common, link)), ...own }
}

function localPart(common: DhcpConfig, link: Cidr): DhcpConfig {
  const isHere = (ip: Ipv4) => cidrContains(link, ip)
  const { pool, router, reservations, exclude } = common
  return {
    ...common,
    pool: pool !== undefined && (isHere(pool.start) || isHere(pool.end)) ? pool : undefined,
    router: router !== undefined && isHere(router) ? router : undefined,
    reservations: reservations.filter(({ ip }) => isHere(ip)),
    exclude: exclude.filter(isHere),
  }
}

/** The common addresses that lie in none of these networks, one sentence each: with all links open they are wrong. */
export function strayAddresses(common: DhcpConfig, links: readonly Cidr[]): readonly string[] {
  const isStray = (ip: Ipv4) => !links.some(link => cidrContains(link, ip))
  const { pool, router, reservations, exclude } = common
  const named: readonly (readonly [field: string, ip: Ipv4 | undefined])[] = [
    ['dhcp.pool', pool?.start],
    ['dhcp.pool', pool?.end],
    ['dhcp.router', router],
    ...reservations.map(({ ip }) => ['dhcp.reservations', ip] as const),
    ...exclude.map(ip => ['dhcp.exclude', ip] as const),
  ]
  return named.flatMap(([field, ip]) =>
    ip !== undefined && isStray(ip) ? [`${field}: ${ip} is in no network that is served`] : [],
  )
}
