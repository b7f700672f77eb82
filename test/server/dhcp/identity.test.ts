import { expect, test } from 'vitest'
import { senderOf } from '../../../server/dhcp/identity.ts'
import type { DhcpPacket } from '../../../server/dhcp/packet.ts'
import { packetOf } from './scene.ts'

const octets = (...values: readonly number[]) => {
  const chaddr = new Uint8Array(16)
  chaddr.set(values)
  return chaddr
}
const ID = [[61, [255, 1, 2]]] as const

test.each<[string, DhcpPacket, string]>([
  ['Ethernet', packetOf({}), '52:54:00:77:00:01'],
  ['Ethernet, a client id or not', packetOf({ options: ID }), '52:54:00:77:00:01'],
  ['IEEE 802', packetOf({ htype: 6 }), '52:54:00:77:00:01'],
  ['InfiniBand', packetOf({ htype: 32, hlen: 0, options: ID }), 'id:ff0102'],
  ['other hardware', { ...packetOf({ htype: 7, hlen: 1 }), chaddr: octets(9) }, 'hw:7:09'],
  [
    'IEEE 802 of 8 octets',
    { ...packetOf({ htype: 6, hlen: 8 }), chaddr: octets(1, 2, 3, 4, 5, 6, 7, 8) },
    'hw:6:0102030405060708',
  ],
  ['a group as sender', { ...packetOf({}), chaddr: octets(1, 0, 0, 0, 0, 1) }, 'not a machine address'],
  ['nobody', { ...packetOf({}), chaddr: octets() }, 'not a machine address'],
  [
    'nobody on other hardware',
    { ...packetOf({ htype: 7, hlen: 2 }), chaddr: octets() },
    'not a machine address',
  ],
  [
    'neither address nor client id',
    packetOf({ htype: 32, hlen: 0 }),
    'neither hardware address nor client id',
  ],
])('%s', (_name, packet, expected) => {
  const sender = senderOf(packet)
  expect(sender.kind === 'sender' ? sender.identity : sender.reason).toBe(expected)
  // The stand-in for a MAC is one of a machine, and locally administered.
  if (sender.kind === 'sender' && sender.identity !== sender.mac)
    expect(sender.mac).toMatch(/^02:00(:[0-9a-f]{2}){4}$/)
})
