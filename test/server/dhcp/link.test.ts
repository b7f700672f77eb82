import { expect, test } from 'vitest'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { classify } from '../../../server/dhcp/classify.ts'
import { selectSubnet } from '../../../server/dhcp/link.ts'
import { MESSAGE, OPTION } from '../../../server/dhcp/options/code.ts'
import type { Source } from '../../../server/dhcp/packet.ts'
import type { Subnet } from '../../../server/dhcp/subnet.ts'
import { ABROAD, UNICAST } from './decision-table.ts'
import { BROADCAST, ip, packetOf, subnetOf } from './scene.ts'

const near = subnetOf()
const far: Subnet = { ...near, link: { address: ip('10.78.0.1'), prefixLength: 24 } }
const NONE = ip('0.0.0.0')
const FAR_RELAY = ip('10.78.0.254')
const FAR_CLIENT = ip('10.78.0.60')

function chosen(type: number, giaddr: Ipv4, ciaddr: Ipv4, source: Source): Subnet | undefined {
  const classified = classify(packetOf({ giaddr, ciaddr, options: [[OPTION.messageType, [type]]] }), source)
  if (classified.kind === 'refused') throw new Error(classified.reason)
  return selectSubnet([near, far], classified.request)
}

test.each<[string, Ipv4, Ipv4, Source, Subnet | undefined]>([
  ['a broadcast is of the interface it was heard on', NONE, NONE, BROADCAST, near],
  ['what a relay sends is of the relay', FAR_RELAY, NONE, UNICAST, far],
  ['a relay of another network is none of ours', ABROAD, NONE, UNICAST, undefined],
  ["a renewal by unicast is of the client's own address", NONE, FAR_CLIENT, UNICAST, far],
  [
    'a rebinding by broadcast is of the interface, whatever address it has',
    NONE,
    FAR_CLIENT,
    BROADCAST,
    near,
  ],
  ['a renewal from another network is none of ours', NONE, ABROAD, UNICAST, undefined],
])('%s', (_, giaddr, ciaddr, source, expected) => {
  expect(chosen(MESSAGE.request, giaddr, ciaddr, source)).toBe(expected)
})

test('a DISCOVER has no address of its own yet, whatever it fills in', () => {
  expect(chosen(MESSAGE.discover, NONE, FAR_CLIENT, UNICAST)).toBe(near)
})
