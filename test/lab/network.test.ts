import { expect, test } from 'vitest'
import { cidrContains } from '../../config/values/cidr.ts'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { enterArgv, unshareArgv } from '../../lab/namespace.ts'
import { bridgeCommands, LAB_ADDRESS, LAB_POOL, tapCommands } from '../../lab/network.ts'

test('the bridge has an address of its own and forwards at once', () => {
  expect(bridgeCommands()).toEqual([
    'link set lo up',
    'link add br-godwit address 52:54:00:67:77:00 type bridge stp_state 0 forward_delay 0',
    'address add 10.77.0.1/24 broadcast + dev br-godwit',
    'link set br-godwit up',
  ])
})

test('a machine is plugged in by its tap', () => {
  expect(tapCommands('bios1')).toEqual([
    'tuntap add dev tap-bios1 mode tap',
    'link set tap-bios1 master br-godwit',
    'link set tap-bios1 up',
  ])
})

test('the pool lies in the network and does not hold the server', () => {
  const [start, end] = [Ipv4.parse(LAB_POOL.start), Ipv4.parse(LAB_POOL.end)]
  expect([start, end].every(ip => cidrContains(LAB_ADDRESS, ip) && ip !== LAB_ADDRESS.address)).toBe(true)
})

test.each([
  [false, 'unshare --net --mount --', 'nsenter --target 7 --net -- ip link'],
  [
    true,
    'unshare --user --map-root-user --net --mount --',
    'nsenter --target 7 --user --preserve-credentials --net -- ip link',
  ],
])('with a user namespace of its own: %s', (userNamespace, unshare, nsenter) => {
  expect(unshareArgv(userNamespace).join(' ')).toBe(unshare)
  expect(enterArgv(7, userNamespace, ['ip', 'link']).join(' ')).toBe(nsenter)
})
