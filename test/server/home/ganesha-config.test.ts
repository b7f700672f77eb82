import { expect, it } from 'vitest'
import { ganeshaConfig } from '../../../server/home/ganesha-config.ts'

const network = (address: string) => ({ address, prefixLength: 24 }) as never
const config = ganeshaConfig({
  address: '10.77.0.1' as never,
  folder: '/srv/people',
  at: '/home',
  networks: [network('10.77.0.1'), network('192.168.9.5')],
  recoveryDir: '/var/lib/godwit/home/eth0/recovery',
})

it('exports one folder to the networks of the nodes and to nobody else', () => {
  expect(config.match(/^EXPORT \{/gm)).toHaveLength(1)
  expect(config).toContain('Path = "/srv/people";\n  Pseudo = "/home";')
  expect(config).toContain('CLIENT { Clients = 10.77.0.0/24, 192.168.9.0/24; Access_Type = RW; }')
  expect(config).toContain('EXPORT_DEFAULTS { Access_Type = NONE;')
  expect(config).toContain('Bind_addr = 10.77.0.1;')
})

it('trusts no root of a node, and keeps nothing that a program here could change', () => {
  expect(config).toContain('Squash = Root_Squash;')
  expect(config).toContain('Attr_Expiration_Time = 0;')
  expect(config).toContain('Dir_Chunk = 0;')
})
