import { expect, test } from 'vitest'
import { cidrContains } from '../../config/values/cidr.ts'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { enterArgv, unshareArgv } from '../../lab/namespace.ts'
import { bridgeCommands, cableCommands, LAB_ADDRESS, LAB_POOL, tapCommands } from '../../lab/network.ts'
import { ROUTER_ADDRESS, ROUTER_POOL, routerArgv, routerCable } from '../../lab/router.ts'

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

test('a card that takes frames slowly has a slow cable, the others have not', () => {
  expect(cableCommands('bios1', 'virtio')).toEqual([])
  expect(cableCommands('bios1', 'pcnet')).toEqual([
    'qdisc add dev tap-bios1 root tbf rate 20mbit burst 3000 limit 6000',
  ])
})

test('the pool lies in the network and does not hold the server', () => {
  const [start, end] = [Ipv4.parse(LAB_POOL.start), Ipv4.parse(LAB_POOL.end)]
  expect([start, end].every(ip => cidrContains(LAB_ADDRESS, ip) && ip !== LAB_ADDRESS.address)).toBe(true)
})

test('the router has a network of its own, leases without overlap with ours, and says nothing of booting', () => {
  const argv = routerArgv('/lab/router.leases')
  expect(argv.slice(0, 3)).toEqual(['unshare', '--net', '--'])
  expect(argv).toContain(`--dhcp-range=${ROUTER_POOL.start},${ROUTER_POOL.end},1h`)
  expect(argv.join(' ')).not.toMatch(/dhcp-boot|pxe|tftp/)
  const numbers = [LAB_POOL.start, LAB_POOL.end, ROUTER_POOL.start, ROUTER_POOL.end].map(ip =>
    Number(ip.split('.').at(-1)),
  )
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  expect(cidrContains(LAB_ADDRESS, ROUTER_ADDRESS.address)).toBe(true)
})

test('the router is plugged in by a cable whose one end is in its network', () => {
  expect(routerCable(77)[0]).toBe('link add lan-router type veth peer name lan0 netns 77')
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
