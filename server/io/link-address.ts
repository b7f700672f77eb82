import { networkInterfaces } from 'node:os'
import type { ServerConfig } from '../../config/server.ts'
import { Cidr } from '../../config/values/cidr.ts'
import { GodwitError } from '../../protocol/errors.ts'

/** The NIC we serve on and our address there. */
export type ServedLink = { readonly interface: string; readonly cidr: Cidr }

/** Address ranges of private networks (RFC 1918): the only ones we pick by ourselves. */
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/

/**
 * The interfaces and addresses to serve on: as configured, or the host's only interface with a private IPv4 address.
 * Throws GW_NO_INTERFACE with the candidates when there is none or the choice is not ours to make.
 */
export function findServedLinks(network: ServerConfig['network']): readonly [ServedLink, ...ServedLink[]] {
  return [findServedLink(network)]
}

function findServedLink(network: ServerConfig['network']): ServedLink {
  // Both named: taken at their word, because Node lists no interface without a link (a bridge before its first port).
  if (network.interface !== undefined && network.address !== undefined) {
    return { interface: network.interface, cidr: network.address }
  }
  const found = candidates().filter(
    link => network.interface === undefined || link.interface === network.interface,
  )
  if (network.interface !== undefined && found.length === 0) {
    throw noInterface(`there is no interface ${network.interface} with a link and an IPv4 address`)
  }
  const [only, ...others] =
    network.interface === undefined ? found.filter(link => PRIVATE.test(link.cidr.address)) : found
  if (only !== undefined && (others.length === 0 || network.interface !== undefined)) return only
  if (only === undefined) throw noInterface('no interface has a private IPv4 address')
  const names = [only, ...others].map(link => `${link.interface} (${link.cidr.address})`).join(', ')
  throw noInterface(`several interfaces could face the machines: ${names}`)
}

function candidates(): readonly ServedLink[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(address => address.family === 'IPv4' && !address.internal && address.cidr !== null)
      .map(address => ({ interface: name, cidr: Cidr.parse(address.cidr) })),
  )
}

function noInterface(message: string): GodwitError {
  return new GodwitError('GW_NO_INTERFACE', message)
}
