import { expect, it } from 'vitest'
import { judgeRoles } from '../../../cli/doctor/roles.ts'
import type { Ipv4 } from '../../../config/values/ipv4.ts'

it('says what the server is on each link, and every alarm', () => {
  const router = '10.0.0.1' as Ipv4
  const address = '10.0.0.2' as Ipv4
  const findings = judgeRoles([
    { interface: 'eth0', address: null, problem: 'no link', dhcp: null },
    {
      interface: 'eth1',
      address,
      problem: null,
      dhcp: { role: 'nothing', why: 'still looking', servers: [], alarms: [] },
    },
    {
      ...{ interface: 'eth2', address, problem: null },
      dhcp: { role: 'proxy', why: '10.0.0.1 answers', servers: [router], alarms: ['a second DHCP server'] },
    },
  ])
  expect(findings).toMatchObject([
    { check: 'DHCP role on eth1', status: 'ok', detail: 'nothing yet: still looking' },
    { check: 'DHCP role on eth2', status: 'ok', detail: 'proxy: 10.0.0.1 answers' },
    { check: 'alarm on eth2', status: 'warn', detail: 'a second DHCP server' },
  ])
})
