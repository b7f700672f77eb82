import type { ServerConfig } from '../../config/server.ts'
import type { PresentAddress, WantedLink } from './link.ts'

/** Address ranges of private networks (RFC 1918): the only ones we pick by ourselves. */
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/

/** The NICs to serve, or why the choice is not ours to make. */
export type Wanted =
  | { readonly kind: 'wanted'; readonly links: readonly WantedLink[] }
  | { readonly kind: 'unclear'; readonly reason: string }

/** The NICs the configuration names, there or not yet; if it names none, the only one with a private address. */
export function wantedLinks(network: ServerConfig['network'], present: readonly PresentAddress[]): Wanted {
  const { interface: name, address, interfaces } = network
  if (interfaces.length > 0) return { kind: 'wanted', links: interfaces }
  if (name !== undefined) return { kind: 'wanted', links: [{ interface: name, address, dhcp: {} }] }
  const found = present.filter(({ cidr }) =>
    address === undefined ? PRIVATE.test(cidr.address) : cidr.address === address.address,
  )
  const [first] = found
  if (first === undefined) return { kind: 'unclear', reason: nothingFound(network) }
  if (new Set(found.map(each => each.interface)).size === 1)
    return { kind: 'wanted', links: [{ interface: first.interface, address, dhcp: {} }] }
  const names = found.map(each => `${each.interface} (${each.cidr.address})`).join(', ')
  return { kind: 'unclear', reason: `several interfaces could face the machines: ${names}` }
}

function nothingFound({ address }: ServerConfig['network']): string {
  return address === undefined
    ? 'no interface has a private IPv4 address'
    : `no interface has the address ${address.address} that network.address names`
}
