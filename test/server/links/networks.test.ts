import { expect, it } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import { Cidr } from '../../../config/values/cidr.ts'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import { networksOf, serves } from '../../../server/links/networks.ts'

const { dhcp } = ServerConfig.parse({
  dhcp: {
    router: '10.1.0.254',
    dns: ['9.9.9.9', '8.8.8.8'],
    relayed: [
      { subnet: '10.80.0.0/16', router: '10.80.0.1' },
      { subnet: '10.90.0.0/24', dns: ['10.90.0.1'] },
    ],
  },
})
const link = { interface: 'eth1', index: 2, cidr: Cidr.parse('10.1.0.1/24'), dhcp }

it('knows the networks behind relay agents with the router and name server there', () => {
  expect(networksOf(link).map(({ cidr, gateway, dns }) => [cidr.prefixLength, gateway, dns])).toEqual([
    [24, '10.1.0.254', '9.9.9.9'],
    [16, '10.80.0.1', '9.9.9.9'],
    [24, undefined, '10.90.0.1'],
  ])
})

it.each([
  ['10.1.0.7', true],
  ['10.80.44.7', true],
  ['10.90.0.7', true],
  ['10.90.1.7', false],
  ['203.0.113.7', false],
])('C148 serves a machine of its networks only: %s %s', (ip, isServed) => {
  expect(serves(link, Ipv4.parse(ip))).toBe(isServed)
})
