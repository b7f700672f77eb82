import { describe, expect, it } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import { Cidr } from '../../../config/values/cidr.ts'
import { presentAddresses } from '../../../server/links/present.ts'
import { wantedLinks } from '../../../server/links/wanted.ts'

const at = (name: string, cidr: string) => ({ interface: name, index: 1, cidr: Cidr.parse(cidr) })
const LO = at('lo', '127.0.0.1/8')
const UPLINK = at('eth0', '203.0.113.5/24')
const LAN = at('eth1', '192.168.7.1/24')
const OTHER = at('eth2', '10.0.0.1/8')

const choose = (network: unknown, present = [LO, UPLINK, LAN, OTHER]) => {
  const choice = wantedLinks(ServerConfig.parse({ network }).network, present)
  return choice.kind === 'wanted' ? choice.links.map(link => link.interface) : choice.reason
}

describe('the NICs to serve', () => {
  it.each([
    ['the only private one', {}, [LO, UPLINK, LAN], ['eth1']],
    ['two addresses of one NIC are no question', {}, [LAN, at('eth1', '10.3.0.1/24')], ['eth1']],
    ['named', { interface: 'eth0' }, undefined, ['eth0']],
    ['named and not there', { interface: 'usb0' }, undefined, ['usb0']],
    ['the one with the address', { address: '10.0.0.1/8' }, undefined, ['eth2']],
    ['several', { interfaces: [{ interface: 'eth2' }, { interface: 'usb0' }] }, undefined, ['eth2', 'usb0']],
    ['none that is private', {}, [LO, UPLINK], 'no interface has a private IPv4 address'],
    [
      'not ours to choose',
      {},
      undefined,
      'several interfaces could face the machines: eth1 (192.168.7.1), eth2 (10.0.0.1)',
    ],
    [
      'an address nobody has',
      { address: '10.8.0.1/24' },
      undefined,
      'no interface has the address 10.8.0.1 that network.address names',
    ],
  ])('%s', (_name, network, present, expected) => {
    expect(choose(network, present)).toEqual(expected)
  })
})

it('reads what ip prints, with its empty objects for devices that are down or have no address', () => {
  const printed = `[{},{"ifindex":4,"ifname":"br0","flags":["NO-CARRIER","UP"],"addr_info":[
    {"family":"inet","local":"10.77.0.1","prefixlen":24,"broadcast":"10.77.0.255","label":"br0"},
    {"family":"inet","local":"10.77.1.1","prefixlen":24,"secondary":true}]},{"ifindex":5,"ifname":"eth1","addr_info":[]}]`
  expect(presentAddresses(printed)).toEqual([
    { interface: 'br0', index: 4, cidr: { address: '10.77.0.1', prefixLength: 24 } },
    { interface: 'br0', index: 4, cidr: { address: '10.77.1.1', prefixLength: 24 } },
  ])
  expect(() => presentAddresses('Object "foo" is unknown')).toThrow(SyntaxError)
})
