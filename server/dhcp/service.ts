import type { ServerConfig } from '../../config/server.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import type { OpenNicSockets } from '../io/nic-sockets.ts'
import type { BootFor } from './boot-client.ts'
import { useSockets } from './io/sockets.ts'
import type { Lease } from './lease.ts'
import type { LeaseStore } from './lease-store.ts'
import { SERVER_PORT } from './packet.ts'
import { createServing, type Serving } from './serve.ts'
import { subnetsFor } from './subnets.ts'

/** What the DHCP service needs from whoever composes the server. */
export type DhcpOptions = {
  readonly config: ServerConfig['dhcp']
  /** The interface that faces the nodes and the server's own address on it. */
  readonly link: { readonly interface: string; readonly address: Ipv4; readonly prefixLength: number }
  /** Opens the port on this interface; on a host with several, such that only this one is heard. */
  readonly openSockets: OpenNicSockets
  /** All leases of this server, shared by the services of all its interfaces. */
  readonly leases: LeaseStore
  /** Pure; asked once per exchange, its answer is frozen between OFFER and ACK. */
  readonly bootFor: BootFor
  readonly onBootEvent: OnBootEvent
  readonly log: Log
  readonly count: Count
  readonly now: Now
  /** Closes the service when aborted. */
  readonly signal?: AbortSignal
}

/** The running DHCP service. */
export type DhcpServer = {
  /** Stops listening, finishes what was received, frees the port. */
  close(): Promise<void>
  /**
   * A running node's sign of life keeps its lease: its system does no DHCP of its own. Cheap to call on every
   * report: written only when less than three quarters of the lease time remain. Never throws.
   */
  extend(mac: Mac, ip: Ipv4): Promise<void>
  /** All leases known, live or history, by address. */
  leases(): readonly Lease[]
}

/**
 * Serves DHCP on one interface as its only server (RFC 2131), leases kept in the store. Throws
 * GW_CONFIG_INVALID naming every problem, GW_PORT_IN_USE or GW_NOT_PERMITTED. Do not call it when
 * `config.mode` is `off`.
 */
export async function startDhcp(options: DhcpOptions): Promise<DhcpServer> {
  const { config, link, openSockets, leases, log, count, signal, ...rest } = options
  const result = subnetsFor(config, link)
  if (result.kind === 'invalid') throw new GodwitError('GW_CONFIG_INVALID', result.problems.join('; '))
  let serving: Serving | undefined
  const sockets = useSockets(
    await openSockets(link, SERVER_PORT),
    (bytes, source) => serving?.receive(bytes, source),
    error => log.error({ error: String(error) }, 'the DHCP socket has a problem'),
  )
  serving = createServing({ ...rest, subnets: result.subnets, leases, log, count, send: sockets.send })
  const { extend, idle } = serving

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      serving = undefined
      await idle()
      await sockets.close()
    })()
    return closing
  }
  signal?.addEventListener('abort', () => void close(), { once: true })
  if (signal?.aborted) await close()
  log.info(
    { interface: link.interface, address: link.address, leases: [...leases.table.leases()].length },
    'dhcp serving',
  )
  return { close, extend, leases: () => [...leases.table.leases()].sort(byAddress) }
}

function byAddress(left: Lease, right: Lease): number {
  return left.ip.localeCompare(right.ip, 'en', { numeric: true })
}
