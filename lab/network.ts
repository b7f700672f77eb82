import type { LabMachineName, LabNic } from '../config/lab.ts'
import { Cidr } from '../config/values/cidr.ts'
import { tapName } from './machine.ts'

/** The switch all lab machines and the server hang on. */
export const LAB_BRIDGE = 'br-godwit'
/** The server's address on it. The namespace is private, so every lab may use the same network. */
export const LAB_ADDRESS = Cidr.parse('10.77.0.1/24')
/** First and last address the lab's server leases. */
export const LAB_POOL = { start: '10.77.0.100', end: '10.77.0.199' } as const
// A bridge without an address of its own takes the lowest of its ports', which changes under ARP caches.
const BRIDGE_MAC = '52:54:00:67:77:00'

/**
 * `ip -batch` lines that make the lab's network in a fresh namespace: loopback, and the bridge with the
 * server's address. No spanning tree and no forward delay: a PXE ROM gives up while a port still listens.
 */
export function bridgeCommands(): readonly string[] {
  return [
    'link set lo up',
    `link add ${LAB_BRIDGE} address ${BRIDGE_MAC} type bridge stp_state 0 forward_delay 0`,
    `address add ${LAB_ADDRESS.address}/${LAB_ADDRESS.prefixLength} broadcast + dev ${LAB_BRIDGE}`,
    `link set ${LAB_BRIDGE} up`,
  ]
}

/** `ip -batch` lines that plug one machine's cable into the bridge. */
export function tapCommands(name: LabMachineName): readonly string[] {
  const tap = tapName(name)
  return [`tuntap add dev ${tap} mode tap`, `link set ${tap} master ${LAB_BRIDGE}`, `link set ${tap} up`]
}

/**
 * `tc -batch` lines that make one machine's cable as slow as its card; none for most cards. The card that QEMU's pcnet
 * stands for has 10 Mbit/s. Faster than the guest takes frames away, QEMU skips a part of the receive ring that iPXE
 * then waits at for ever (seen with QEMU 7.2 and iPXE of 2019); this rate, and a queue of four frames, never gets there.
 */
export function cableCommands(name: LabMachineName, nic: LabNic): readonly string[] {
  if (nic !== 'pcnet') return []
  return [`qdisc add dev ${tapName(name)} root tbf rate 20mbit burst 3000 limit 6000`]
}
