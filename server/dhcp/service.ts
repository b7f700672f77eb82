import type { ServerConfig } from '../../config/server.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { StyleName } from '../../config/values/style-name.ts'
import type { OnBootEvent } from '../../protocol/boot.ts'
import { GodwitError } from '../../protocol/errors.ts'
import type { Count, Log, Now } from '../../protocol/log.ts'
import type { OpenNicSockets } from '../io/nic-sockets.ts'
import { overheardServer } from './auto/overheard.ts'
import type { BootFor } from './boot-client.ts'
import { BOOT_SERVER_PORT } from './boot-server/decide.ts'
import type { Contact } from './contact.ts'
import { openBootServerSocket } from './io/boot-server-socket.ts'
import { createConflictProbe } from './io/conflict-probe.ts'
import { fixMode, keepMode, type ModeKeeper } from './io/mode-keeper.ts'
import { neighbourMac } from './io/neighbours.ts'
import { useSockets } from './io/sockets.ts'
import type { Lease } from './lease.ts'
import type { LeaseStore } from './lease-store.ts'
import { createLinkParts, type LinkParts } from './link-parts.ts'
import type { LinkStatus } from './link-role.ts'
import { SERVER_PORT } from './packet.ts'
import type { StyleMemory } from './styles/style-memory.ts'
import { subnetsFor } from './subnets.ts'

/** What the DHCP service needs from whoever composes the server. */
export type DhcpOptions = {
  readonly config: ServerConfig['dhcp']
  /** The interface that faces the nodes and the server's own address on it. */
  readonly link: { readonly interface: string; readonly address: Ipv4; readonly prefixLength: number }
  /** Opens the port on this interface; on a host with several, such that only this one is heard. */
  readonly openSockets: OpenNicSockets
  /** The addresses of this server on all its interfaces; without it, the one of this link. */
  readonly ownAddresses?: ReadonlySet<Ipv4>
  /** All leases of this server, shared by the services of all its interfaces. */
  readonly leases: LeaseStore
  /** Pure; asked once per exchange, its answer is frozen between OFFER and ACK. */
  readonly bootFor: BootFor
  /** The reply styles that machines followed; without it they are learnt anew by each process. */
  readonly styles?: StyleMemory
  /** The reply style an operator fixed for a machine. */
  readonly fixedStyle?: (mac: Mac) => StyleName | undefined
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
  /**
   * A machine fetched something by TFTP or HTTP: the offer it got was good, and is what it gets next time. Name the
   * machine where it is known; else it is found by its address. Never throws, never waits.
   */
  contact(seen: Contact): void
  /** The machine that has `ip`, from leases, from what was heard, or from the kernel's neighbour table. */
  machineAt(ip: Ipv4): Promise<Mac | undefined>
  /** What we are on this link, and why; changes while the service runs when `config.mode` is `auto`. */
  status(): LinkStatus
  /** All leases known, live or history, by address. */
  leases(): readonly Lease[]
}

/**
 * Serves DHCP and the PXE boot server (port 4011) on one interface: with addresses, as its only DHCP server
 * (RFC 2131), or as a proxy beside another one; with `config.mode: auto` it finds out and answers nothing until then.
 * Throws GW_CONFIG_INVALID naming every problem, GW_PORT_IN_USE or GW_NOT_PERMITTED. Do not call it when
 * `config.mode` is `off`.
 */
export async function startDhcp(options: DhcpOptions): Promise<DhcpServer> {
  const { config, link, openSockets, leases, log, signal } = options
  const result = subnetsFor(config, link, options.ownAddresses)
  if (result.kind === 'invalid') throw new GodwitError('GW_CONFIG_INVALID', result.problems.join('; '))
  const onError = (error: Error) => log.error({ error: String(error) }, 'the DHCP socket has a problem')
  const isOwn = (server: Ipv4) =>
    result.subnets.some(subnet => subnet.serverId === server || subnet.ownAddresses.has(server))
  let parts: LinkParts | undefined
  let mode: ModeKeeper | undefined
  const sockets = useSockets(
    await openSockets(link, SERVER_PORT),
    (bytes, source) => {
      const other = overheardServer(bytes, source, link, isOwn)
      if (other !== undefined) mode?.overheard(other)
      parts?.receive(bytes, source)
    },
    onError,
  )
  const bootServer = await openBootServerSocket(
    link.address,
    BOOT_SERVER_PORT,
    (bytes, source) => parts?.receiveBootServer(bytes, source),
    onError,
  ).catch(async error => {
    await sockets.close()
    throw error
  })
  const keeper =
    config.mode === 'auto'
      ? keepMode(options)
      : fixMode(config.mode === 'proxy' ? 'proxy' : 'authoritative', options)
  mode = keeper
  const running = createLinkParts(options, result.subnets, {
    post: sockets.post,
    send: sockets.send,
    probe: config.conflictProbe ? createConflictProbe(link.interface, sockets.send) : undefined,
    sendBootServer: bootServer.send,
    neighbourMac: ip => neighbourMac(ip, link.interface),
    role: keeper.role,
  })
  parts = running

  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      parts = undefined
      await keeper.close()
      await running.idle()
      await Promise.all([sockets.close(), bootServer.close()])
    })()
    return closing
  }
  signal?.addEventListener('abort', () => void close(), { once: true })
  if (signal?.aborted) await close()
  const { interface: name, address } = link
  log.info(
    { interface: name, address, mode: config.mode, leases: [...leases.table.leases()].length },
    'dhcp serving',
  )
  const { extend, contact, machineAt } = running
  return {
    close,
    extend,
    contact,
    machineAt,
    status: keeper.status,
    leases: () => [...leases.table.leases()].sort(byAddress),
  }
}

function byAddress(left: Lease, right: Lease): number {
  return left.ip.localeCompare(right.ip, 'en', { numeric: true })
}
