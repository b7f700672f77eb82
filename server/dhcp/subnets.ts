import type { ServerConfig } from '../../config/server.ts'
import { type Cidr, cidrContains, networkOf } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import { type Subnet, subnetFor } from './subnet.ts'

/** All subnets of one link, its own first; or everything that is wrong with the configuration. */
export type SubnetsResult =
  | { readonly kind: 'subnets'; readonly subnets: readonly [Subnet, ...Subnet[]] }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }

/**
 * Builds the subnet that the link faces and those behind its relays. `ownAddresses` are all that this server has,
 * on this link and others; it may grow.
 */
export function subnetsFor(
  config: ServerConfig['dhcp'],
  link: Cidr,
  ownAddresses: ReadonlySet<Ipv4> = new Set([link.address]),
): SubnetsResult {
  const local = subnetFor(config, link)
  const relayed = config.relayed.map(({ subnet, dns, domain, strictClientId, ...own }) =>
    subnetFor(
      {
        ...config,
        pool: undefined,
        router: undefined,
        ...own,
        dns: dns ?? config.dns,
        domain: domain ?? config.domain,
        strictClientId: strictClientId ?? config.strictClientId,
      },
      subnet,
      link.address,
    ),
  )
  const problems = [
    ...(local.kind === 'invalid' ? local.problems : []),
    ...relayed.flatMap((result, index) =>
      result.kind === 'invalid' ? result.problems.map(text => `dhcp.relayed.${index}: ${text}`) : [],
    ),
    ...overlaps([link, ...config.relayed.map(each => each.subnet)]),
  ]
  if (local.kind === 'invalid' || problems.length > 0) return { kind: 'invalid', problems }
  const others = relayed.flatMap(result => (result.kind === 'subnet' ? [result.subnet] : []))
  const [first, ...rest] = [local.subnet, ...others].map(subnet => ({ ...subnet, ownAddresses }))
  return { kind: 'subnets', subnets: [first ?? local.subnet, ...rest] }
}

/** Two subnets with an address in common could lease it twice. */
function overlaps(all: readonly Cidr[]): readonly string[] {
  const name = (cidr: Cidr) => `${networkOf(cidr)}/${cidr.prefixLength}`
  return all.flatMap((left, index) =>
    all
      .slice(index + 1)
      .filter(right => cidrContains(left, right.address) || cidrContains(right, left.address))
      .map(right => `dhcp.relayed: ${name(left)} and ${name(right)} overlap`),
  )
}
