import { expect, test } from 'vitest'
import { ServerConfig } from '../../../config/server.ts'
import { reservedNames } from '../../../server/cluster/name.ts'

const reservation = (last: number, name?: string) => ({
  mac: `52:54:00:00:00:0${last}`,
  ip: `10.1.0.${last}`,
  ...(name === undefined ? {} : { name }),
})

test('names come from the reservations of every network', () => {
  const config = ServerConfig.parse({
    dhcp: {
      reservations: [reservation(1, 'anna'), reservation(2)],
      relayed: [{ subnet: '10.80.0.0/24', reservations: [reservation(3, 'cleo')] }],
    },
    network: { interfaces: [{ interface: 'eth1', dhcp: { reservations: [reservation(4, 'dora')] } }] },
  })
  expect([...reservedNames(config)]).toEqual([
    ['52:54:00:00:00:01', 'anna'],
    ['52:54:00:00:00:03', 'cleo'],
    ['52:54:00:00:00:04', 'dora'],
  ])
})
