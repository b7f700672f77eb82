import type { ServerConfig } from '../../config/server.ts'
import { broadcastOf, type Cidr, cidrContains, networkOf } from '../../config/values/cidr.ts'
import { type Ipv4, ipv4ToNumber } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import { type SubnetOptions, subnetOptions } from './subnet-options.ts'

type DhcpConfig = ServerConfig['dhcp']

/** One network we serve and the policy for it; everything decisions need of the configuration. */
export type Subnet = {
  /** `10.77.0.0/24`. */
  readonly name: string
  /** The server's own address and the prefix; for a relayed subnet any address in it. */
  readonly link: Cidr
  /** What we call ourselves in option 54: our own address on the link the request came by. */
  readonly serverId: Ipv4
  /** All addresses of this server, as links open: a client may name any of them (RFC 2131 §4.1). */
  readonly ownAddresses: ReadonlySet<Ipv4>
  /** Reached through relay agents only. */
  readonly isRelayed: boolean
  /** First and last address to lease, as numbers. */
  readonly pool: { readonly first: number; readonly last: number }
  /** Never leased: network, broadcast, our own address, the router, what the configuration excludes. */
  readonly excluded: ReadonlySet<Ipv4>
  readonly reservedFor: ReadonlyMap<Ipv4, Mac>
  readonly reservations: ReadonlyMap<Mac, DhcpConfig['reservations'][number]>
  readonly options: SubnetOptions
  readonly policy: Pick<
    DhcpConfig,
    | 'leaseSeconds'
    | 'bootLeaseSeconds'
    | 'offerHoldSeconds'
    | 'declineHoldSeconds'
    | 'authoritative'
    | 'strictClientId'
    | 'bootp'
  >
}

/** The subnet, or everything that is wrong with its configuration, one sentence each. */
export type SubnetResult =
  | { readonly kind: 'subnet'; readonly subnet: Subnet }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

/** What a subnet is built from: the configuration as it stands for that subnet. */
export type SubnetConfig = Omit<DhcpConfig, 'mode' | 'relayed' | 'conflictProbe'>

/**
 * Builds the subnet of `link` from the configuration; the pool defaults to the upper half of the network. For a
 * relayed one, `serverId` is our address on the link its relays come by.
 */
export function subnetFor(config: SubnetConfig, link: Cidr, serverId: Ipv4 = link.address): SubnetResult {
  const network = ipv4ToNumber(networkOf(link))
  const broadcast = ipv4ToNumber(broadcastOf(link))
  const pool = {
    first:
      config.pool === undefined ? network + (broadcast - network + 1) / 2 : ipv4ToNumber(config.pool.start),
    last: config.pool === undefined ? broadcast - 1 : ipv4ToNumber(config.pool.end),
  }
  const problems = problemsOf(config, link, pool)
  if (problems.length > 0) return { kind: 'invalid', problems }
  const reserved = config.reservations
  return {
    kind: 'subnet',
    subnet: {
      name: `${networkOf(link)}/${link.prefixLength}`,
      link,
      serverId,
      ownAddresses: new Set([serverId]),
      isRelayed: serverId !== link.address,
      pool,
      excluded: new Set([
        networkOf(link),
        broadcastOf(link),
        link.address,
        ...(config.router === undefined ? [] : [config.router]),
        ...config.exclude,
      ]),
      reservedFor: new Map(reserved.map(each => [each.ip, each.mac])),
      reservations: new Map(reserved.map(each => [each.mac, each])),
      options: subnetOptions(link, config),
      policy: config,
    },
  }
}

function problemsOf(config: SubnetConfig, link: Cidr, pool: Subnet['pool']): readonly string[] {
  const net = `${networkOf(link)}/${link.prefixLength}`
  const outside = (ip: Ipv4) => !cidrContains(link, ip)
  const { reservations: all } = config
  const taken = new Map<Ipv4 | undefined, string>([
    [config.router, 'the router'],
    [networkOf(link), 'the network itself'],
    [broadcastOf(link), 'the broadcast address'],
    [link.address, "the server's own address"],
  ])
  return [
    ...(link.prefixLength > 30 ? [`${net} is too small to lease addresses from`] : []),
    ...(pool.first > pool.last ? ['dhcp.pool: start comes after end'] : []),
    ...[config.pool?.start, config.pool?.end].flatMap(ip =>
      ip !== undefined && outside(ip) ? [`dhcp.pool: ${ip} is not in ${net}`] : [],
    ),
    ...(config.router !== undefined && outside(config.router)
      ? [`dhcp.router: ${config.router} is not in ${net}`]
      : []),
    ...all.flatMap(({ ip }) => (outside(ip) ? [`dhcp.reservations: ${ip} is not in ${net}`] : [])),
    ...all.flatMap(({ ip }) => (taken.has(ip) ? [`dhcp.reservations: ${ip} is ${taken.get(ip)}`] : [])),
    ...duplicates(all.map(each => each.ip)).map(ip => `dhcp.reservations: ${ip} is given twice`),
    ...duplicates(all.map(each => each.mac)).map(mac => `dhcp.reservations: ${mac} comes twice`),
  ]
}

function duplicates(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))]
}

/** Whether `mac` may ever get `ip` here: its own reservation, or a pool address that is nobody else's. */
export function isLeasable(subnet: Subnet, ip: Ipv4, mac: Mac): boolean {
  const owner = subnet.reservedFor.get(ip)
  return owner === undefined ? isInPool(subnet, ip) : owner === mac
}

/** Whether `ip` is one of the addresses to lease, reserved or not. */
export function isInPool(subnet: Subnet, ip: Ipv4): boolean {
  const value = ipv4ToNumber(ip)
  // Windows refuses x.x.x.0 and x.x.x.255 even where the prefix makes them ordinary addresses.
  const classEdge = (value & 255) === 0 || (value & 255) === 255
  return value >= subnet.pool.first && value <= subnet.pool.last && !classEdge && !subnet.excluded.has(ip)
}

/** How many addresses the pool spans. */
export function poolSize(subnet: Subnet): number {
  return subnet.pool.last - subnet.pool.first + 1
}
