import { expect, it } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import { Cidr } from '../../../config/values/cidr.ts'
import { dhcpOn } from '../../../server/links/dhcp-on.ts'

const { network, dhcp } = ServerConfig.parse({
  network: {
    interfaces: [{ interface: 'eth1', dhcp: { leaseSeconds: 600, dns: [] } }, { interface: 'eth2' }],
  },
  dhcp: {
    pool: { start: '10.1.0.10', end: '10.1.0.20' },
    router: '10.2.0.254',
    dns: ['9.9.9.9'],
    exclude: ['10.1.0.11', '10.2.0.11'],
    reservations: [
      { mac: '52:54:00:00:00:01', ip: '10.1.0.7' },
      { mac: '52:54:00:00:00:02', ip: '10.2.0.7' },
    ],
  },
})
const [first, second] = ['10.1.0.1/24', '10.2.0.1/24'].map(text => Cidr.parse(text)) as [Cidr, Cidr]

it('lays the settings of a NIC over the common ones, field by field', () => {
  const merged = dhcpOn(dhcp, network.interfaces[0]?.dhcp ?? {}, first, true)
  expect(merged).toEqual({ ...dhcp, leaseSeconds: 600, dns: [] })
})

it('gives each of several NICs the common addresses of its own network only', () => {
  expect(dhcpOn(dhcp, {}, first, false)).toMatchObject({
    pool: dhcp.pool,
    router: undefined,
    exclude: ['10.1.0.11'],
    reservations: [{ ip: '10.1.0.7' }],
    dns: ['9.9.9.9'],
  })
  expect(dhcpOn(dhcp, {}, second, false)).toMatchObject({
    pool: undefined,
    router: '10.2.0.254',
    exclude: ['10.2.0.11'],
    reservations: [{ ip: '10.2.0.7' }],
  })
})

it('leaves a wrong address of the only NIC to be found wrong', () => {
  expect(dhcpOn(dhcp, {}, second, true).pool).toEqual(dhcp.pool)
})
