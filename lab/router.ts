import type { Cidr } from '../config/values/cidr.ts'
import type { Ipv4 } from '../config/values/ipv4.ts'
import { LAB_BRIDGE } from './network.ts'

/** The router of a lab whose server is not the only DHCP server: its own address, and what it leases. */
export const ROUTER_ADDRESS: Cidr = { address: '10.77.0.254' as Ipv4, prefixLength: 24 }
/** First and last address it leases. */
export const ROUTER_POOL = { start: '10.77.0.200', end: '10.77.0.249' } as const

const INSIDE = 'lan0'
const OUTSIDE = 'lan-router'

/**
 * The whole command of the router: a network namespace of its own (two DHCP servers cannot share one port 67), in which
 * it waits for its cable, then dnsmasq as a home router runs it: leases, a default gateway, nothing about booting.
 */
export function routerArgv(leasePath: string): readonly string[] {
  const { address, prefixLength } = ROUTER_ADDRESS
  const dnsmasq = [
    ...['dnsmasq', '--keep-in-foreground', '--log-facility=-', '--log-dhcp', '--conf-file=/dev/null'],
    ...['--pid-file=', '--user=root', '--port=0', `--interface=${INSIDE}`, '--dhcp-authoritative'],
    // With a probe of three seconds before each offer it would serve no two machines at once.
    '--no-ping',
    ...[`--dhcp-range=${ROUTER_POOL.start},${ROUTER_POOL.end},1h`, `--dhcp-leasefile=${leasePath}`],
  ]
  const script = [
    `until ip link show ${INSIDE} >/dev/null 2>&1; do sleep 0.1; done`,
    `ip address add ${address}/${prefixLength} dev ${INSIDE}`,
    `ip link set ${INSIDE} up`,
    'exec "$@"',
  ].join('\n')
  return ['unshare', '--net', '--', 'sh', '-ec', script, 'router', ...dnsmasq]
}

/** `ip -batch` lines that plug the router, which is the process `pid`, into the bridge. */
export function routerCable(pid: number): readonly string[] {
  return [
    `link add ${OUTSIDE} type veth peer name ${INSIDE} netns ${pid}`,
    `link set ${OUTSIDE} master ${LAB_BRIDGE}`,
    `link set ${OUTSIDE} up`,
  ]
}
