import { expect, it } from 'vitest'
import { loadConfig } from '../../config/load.ts'
import { ServerConfig } from '../../config/server.ts'

const load = (text: string) => loadConfig(ServerConfig, { file: { name: 'config.yaml', text } })

function problems(text: string): readonly string[] {
  const loaded = load(text)
  return loaded.kind === 'config' ? [] : loaded.problems.map(({ path, message }) => `${path}: ${message}`)
}

it('a NIC says only what differs: nothing of its dhcp is filled in', () => {
  const loaded = load(
    'network: { interfaces: [{ interface: eth1, dhcp: { leaseSeconds: 600 } }, { interface: eth2 }] }',
  )
  expect(loaded.kind === 'config' && loaded.config.network.interfaces).toEqual([
    { interface: 'eth1', dhcp: { leaseSeconds: 600 } },
    { interface: 'eth2', dhcp: {} },
  ])
})

it('lists all problems of all NICs with their paths', () => {
  const found = problems(`
network:
  interface: eth0
  interfaces:
    - { interface: eth1, dhcp: { leaseSeconds: 5, pool: { start: here } } }
    - { interface: eth1, address: 10.1.0.1 }
    - { dhcp: { lease: 5 } }
`)
  const paths = [
    'network.interfaces.0.dhcp.leaseSeconds',
    'network.interfaces.0.dhcp.pool.start',
    'network.interfaces.0.dhcp.pool.end',
    'network.interfaces.1.address',
    'network.interfaces.2.interface',
    'network.interfaces.2.dhcp.lease',
  ]
  expect(found.map(line => line.split(': ')[0]).sort()).toEqual(paths.sort())
})

it('one NIC is named once, and in one place', () => {
  expect(
    problems('network: { interface: eth0, interfaces: [{ interface: eth1 }, { interface: eth1 }] }'),
  ).toEqual([
    'network.interfaces.1.interface: eth1 comes twice',
    'network.interfaces: stands instead of network.interface and network.address; give one of both',
  ])
})
