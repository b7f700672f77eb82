import { expect, test } from 'vitest'
import { readArpTable } from '../../../server/dhcp/arp-table.ts'

const TABLE = `IP address       HW type     Flags       HW address            Mask     Device
10.77.0.50       0x1         0x2         52:54:00:77:00:01     *        eth1
10.77.0.51       0x1         0x0         00:00:00:00:00:00     *        eth1
10.77.0.52       0x1         0x6         52:54:00:77:00:03     *        eth1
10.77.0.50       0x1         0x2         52:54:00:77:00:09     *        eth2
garbage
`

test('only who answered counts, and only on this device', () => {
  expect([...readArpTable(TABLE, 'eth1')]).toEqual([
    ['10.77.0.50', '52:54:00:77:00:01'],
    ['10.77.0.52', '52:54:00:77:00:03'],
  ])
  expect([...readArpTable('', 'eth1')]).toEqual([])
})
