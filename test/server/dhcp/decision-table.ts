import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { classify } from '../../../server/dhcp/classify.ts'
import { decide } from '../../../server/dhcp/decide.ts'
import type { Decision } from '../../../server/dhcp/decision.ts'
import type { Hold, Lease } from '../../../server/dhcp/lease.ts'
import { createLeaseTable } from '../../../server/dhcp/lease-table.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import type { Source } from '../../../server/dhcp/packet.ts'
import { BROADCAST, ip, octets, packetOf, subnetOf } from './scene.ts'

export const NOW_MS = 1_000_000_000
export const FOREIGN_SERVER = ip('10.77.0.3')
export const MINE = ip('10.77.0.50')
export const THEIRS = ip('10.77.0.51')
export const FREE = ip('10.77.0.60')
export const ABROAD = ip('192.168.9.9')
export const UNICAST: Source = { address: MINE, port: 68, delivery: 'unicast' }

/** The fields of a message that decide; source is a broadcast unless given. */
export type Asked = {
  readonly type: number
  readonly ciaddr?: Ipv4
  readonly requested?: Ipv4
  readonly server?: Ipv4
  readonly source?: Source
  readonly hintSeconds?: number
}

/** Decides on a message of MACHINE, with the leases and holds given. */
export function decided(asked: Asked, leases: readonly Lease[], holds: readonly Hold[], dhcp = {}): Decision {
  const packet = packetOf({
    ciaddr: asked.ciaddr ?? ip('0.0.0.0'),
    options: [
      [OPTION.messageType, [asked.type]],
      ...(asked.requested === undefined ? [] : [[OPTION.requestedIp, octets(asked.requested)] as const]),
      ...(asked.server === undefined ? [] : [[OPTION.serverId, octets(asked.server)] as const]),
      ...(asked.hintSeconds === undefined
        ? []
        : [[OPTION.leaseSeconds, [0, 0, 0, asked.hintSeconds]] as const]),
    ],
  })
  const classified = classify(packet, asked.source ?? BROADCAST)
  if (classified.kind === 'refused') throw new Error(classified.reason)
  const table = createLeaseTable(leases)
  for (const each of holds) table.hold(each)
  return decide(classified.request, subnetOf(dhcp), table, NOW_MS)
}

/** A lease with an hour to go, unless said otherwise. */
export function leaseOf(mac: Mac, address: Ipv4, more: Partial<Lease> = {}): Lease {
  const times = { expiresAtMs: NOW_MS + 3_600_000, seenAtMs: NOW_MS - 1000 }
  return { ip: address, mac, state: 'bound', stage: 'os', ...times, ...more }
}

/** An open offer, unless said otherwise. */
export function holdOf(mac: Mac, address: Ipv4, more: Partial<Hold> = {}): Hold {
  const frozen = { stage: 'os' as const, boot: undefined, acknowledged: false }
  return {
    ip: address,
    mac,
    identity: mac,
    subnet: subnetOf().name,
    xid: 0x1122_3344,
    expiresAtMs: NOW_MS + 60_000,
    leaseSeconds: 777,
    ...frozen,
    ...more,
  }
}

export const EXPIRED = { expiresAtMs: NOW_MS - 1 }
export const RELEASED = { state: 'released' as const, expiresAtMs: NOW_MS - 5000 }

/** A row of a decision table: name, message, leases and holds before, what must come out. */
export type Row = readonly [string, Asked, readonly Lease[], readonly Hold[], Partial<Decision>]
