import type { Socket } from 'node:dgram'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { Log } from '../../protocol/log.ts'
import { listenOrExplain } from './listen.ts'
import type { AdoptNicSockets } from './nic-sockets-adopted.ts'
import { launchNicSockets } from './nic-sockets-launched.ts'
import { openPlainSockets } from './nic-sockets-plain.ts'

/** A NIC and our own address on it. */
export type Nic = { readonly interface: string; readonly address: Ipv4 }

/**
 * The sockets of one UDP port on one NIC. `broadcast` is on 0.0.0.0, the only kind that hears limited broadcasts; `own`
 * is on our address: it hears unicast, and what it sends carries that address and leaves by that NIC, broadcasts too,
 * even without a default route.
 */
export type NicSockets = { readonly broadcast: Socket; readonly own: Socket }

/** Opens both; rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED or GW_NO_INTERFACE. The caller closes them. */
export type OpenNicSockets = (nic: Nic, port: number) => Promise<NicSockets>

/** Sockets, or why this way to get some is closed here. */
export type NicSocketsResult =
  | { readonly kind: 'sockets'; readonly sockets: NicSockets }
  | { readonly kind: 'unavailable'; readonly reason: string }

/** Where sockets may come from, and whether this is the only NIC that is served. */
export type NicSocketsOptions = {
  readonly isOnlyNic: boolean
  /** Those that systemd opened for us, taken once. */
  readonly adopt: AdoptNicSockets
  readonly log: Log
  /** Opens sockets bound to one device; a test may close this way. */
  readonly launch?: (nic: Nic, port: number) => Promise<NicSocketsResult>
}

/**
 * Sockets that hear one NIC only, from the first of: systemd, the launcher (nic-sockets-launched.ts). Where neither is
 * to be had a single NIC makes do with plain sockets, which hear the broadcasts of all NICs; several NICs cannot,
 * since nothing would tell which network a client is in.
 */
export function createNicSockets(options: NicSocketsOptions): OpenNicSockets {
  const { isOnlyNic, adopt, log, launch = launchNicSockets } = options
  return (nic, port) =>
    listenOrExplain(
      async () => {
        const adopted = adopt(nic, port)
        if (adopted !== undefined) return adopted
        const launched = await launch(nic, port)
        if (launched.kind === 'sockets') return launched.sockets
        if (!isOnlyNic) throw noDeviceSockets(nic, launched.reason)
        log.debug({ interface: nic.interface, reason: launched.reason }, 'plain sockets hear all interfaces')
        return openPlainSockets(nic, port)
      },
      port,
      'udp',
    )
}

function noDeviceSockets(nic: Nic, reason: string): GodwitError {
  return new GodwitError(
    'GW_NOT_PERMITTED',
    `no socket can be opened that hears ${nic.interface} only (${reason}), and several interfaces need one each: ` +
      'install perl-base, run as root or grant CAP_NET_RAW, let systemd open the sockets (docs/operations.md), or ' +
      'serve one interface',
  )
}
