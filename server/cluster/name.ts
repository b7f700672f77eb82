import type { ServerConfig } from '../../config/server.ts'
import type { Mac } from '../../config/values/mac.ts'
import { NodeId } from '../../config/values/node-id.ts'

/** A machine's id: its MAC decides, so it stays the same over boots, addresses and images. */
export function nodeIdOf(mac: Mac): NodeId {
  return NodeId.parse(`n-${mac.replaceAll(':', '')}`)
}

/**
 * A machine's name: the one its reservation gives; else `node-` and the last three octets of its MAC (an address
 * may change, the MAC does not); else, when another machine has that name, with all six octets.
 */
export function nodeName(mac: Mac, reserved: string | undefined, taken: ReadonlySet<string>): string {
  const hex = mac.replaceAll(':', '')
  const wishes = [reserved, `node-${hex.slice(6)}`, `node-${hex}`].filter(wish => wish !== undefined)
  return wishes.find(wish => !taken.has(wish)) ?? `node-${hex}`
}

/** The names that reservations give, of all networks: common ones, those of one NIC, and those behind a relay. */
export function reservedNames({
  dhcp,
  network,
}: Pick<ServerConfig, 'dhcp' | 'network'>): ReadonlyMap<Mac, string> {
  const reservations = [dhcp, ...network.interfaces.map(each => each.dhcp)].flatMap(each => [
    ...(each.reservations ?? []),
    ...(each.relayed ?? []).flatMap(subnet => subnet.reservations),
  ])
  return new Map(reservations.flatMap(({ mac, name }) => (name === undefined ? [] : [[mac, name]])))
}
