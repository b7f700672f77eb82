import { join } from 'node:path'
import { cidrContains } from '../config/values/cidr.ts'
import type { Ipv4 } from '../config/values/ipv4.ts'
import { prepareOptions } from './admin.ts'
import { advertisementConfig } from './boot/advertisement.ts'
import { GRUB } from './boot/dialect.ts'
import { prepareMachine } from './boot/prepare.ts'
import { type Boot, openBoot } from './boot/service.ts'
import { closeAll } from './close-all.ts'
import { startLink } from './cluster/link/service.ts'
import type { LeaseStore } from './dhcp/lease-store.ts'
import { type DhcpServer, startDhcp } from './dhcp/service.ts'
import type { House, Keep } from './house.ts'
import { startBootHttp } from './http/boot-service.ts'
import { startAdvertiser } from './io/advertiser.ts'
import type { LoadedLoader } from './io/loader-files.ts'
import type { OpenNicSockets } from './io/nic-sockets.ts'
import type { ServedLink } from './links/link.ts'
import type { TftpFile } from './tftp/blocks.ts'
import { startTftp } from './tftp/service.ts'

/** What the services of all links share: read or opened once. */
export type SharedByLinks = {
  readonly loaders: ReadonlyMap<string, LoadedLoader>
  readonly leases: LeaseStore
  readonly openSockets: OpenNicSockets
}

/** All that listens on one NIC. */
export type LinkServices = {
  readonly link: ServedLink
  /** `undefined` where `dhcp.mode` is `off`. */
  readonly dhcp: DhcpServer | undefined
  /** Closes in the reverse order of opening: DHCP first, so that no machine is invited any more. */
  close(): Promise<void>
}

/**
 * Opens everything a machine on `link` asks for, on our address there and nowhere else; DHCP last, so that no machine
 * is invited before the rest is there. Rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED, GW_NO_INTERFACE or
 * GW_CONFIG_INVALID and leaves nothing of this link open.
 */
export async function openLinkServices(
  house: House,
  link: ServedLink,
  shared: SharedByLinks,
): Promise<LinkServices> {
  const opened: { close(): Promise<void> }[] = []
  const keep: Keep = part => {
    opened.push(part)
    return part
  }
  const close = () => closeAll(opened.splice(0).reverse())
  try {
    const boot = await openBoot({
      config: house.config,
      address: link.cidr.address,
      loaders: shared.loaders,
      loaderCache: join(house.paths.stateDir, 'loaders', link.interface),
      log: house.log,
    })
    await openTcp(house, link, boot, keep)
    if (house.config.tftp.enabled) keep(await openTftp(house, link, boot))
    const isDhcpServer = link.dhcp.mode !== 'off'
    const dhcp = isDhcpServer ? keep(await openDhcp(house, link, boot, shared)) : undefined
    return { link, dhcp, close }
  } catch (error) {
    await close().catch(() => undefined) // why it did not open says more
    throw error
  }
}

/** Boot HTTP and the agents' link; radvd, which has no port, beside them. */
async function openTcp(house: House, link: ServedLink, boot: Boot, keep: Keep) {
  const { config, log, now, identity, cluster, counters } = house
  const { address } = link.cidr
  const shared = { log, count: counters.count, now, address }
  const prepare = prepareOptions(house, link)
  keep(
    await startBootHttp({
      ...shared,
      port: config.http.port,
      caPem: identity.caCertPem,
      firstScripts: boot.scripts,
      machineScript: (query, remote) => prepareMachine(query, remote, prepare),
      grubMachineScript: (query, remote) => prepareMachine(query, remote, prepare, GRUB),
      imageFile: house.catalog.file,
      loaderFile: async name => boot.loader(name),
      onLoaderSent: (name, remote) => loaderSent(house, name, remote),
      onBootEvent: cluster.bootEvent,
    }),
  )
  const certificate = await identity.serverFor(address)
  keep(
    await startLink({
      ...shared,
      port: config.api.port,
      identity: { ...certificate, caCertPem: identity.caCertPem },
      handlers: cluster.link,
    }),
  )
  if (!config.boot.routerAdvertisements) return
  const { stateDir } = house.paths
  const { interface: name } = link
  keep(await startAdvertiser({ interface: name, config: advertisementConfig(name), stateDir, log }))
}

function openDhcp(
  house: House,
  link: ServedLink,
  { bootFor }: Boot,
  { leases, openSockets }: SharedByLinks,
): Promise<DhcpServer> {
  const { cluster, log, now, counters } = house
  const { address, prefixLength } = link.cidr
  return startDhcp({
    config: link.dhcp,
    link: { interface: link.interface, address, prefixLength },
    openSockets,
    leases,
    bootFor,
    onBootEvent: cluster.bootEvent,
    log,
    count: counters.count,
    now,
  })
}

function openTftp(house: House, link: ServedLink, boot: Boot) {
  const { config, log, now, counters } = house
  return startTftp({
    config: config.tftp,
    address: link.cidr.address,
    accepts: client => cidrContains(link.cidr, client),
    open: async ({ path }) => {
      const bytes = boot.file(path)
      return bytes && bytesFile(bytes)
    },
    onTransfer: transfer => {
      log.info(transfer, `tftp ${transfer.outcome}`)
      counters.count('tftp', transfer.outcome)
      if (transfer.outcome === 'complete') loaderSent(house, transfer.path, transfer.client)
    },
    log,
    count: counters.count,
    now,
  })
}

function bytesFile(bytes: Uint8Array): TftpFile {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => undefined,
  }
}

/** TFTP and HTTP know addresses only; DHCP told the cluster whose they are. */
function loaderSent({ cluster, now }: House, name: string, remote: Ipv4): void {
  const mac = cluster.nodes().find(node => node.ip === remote)?.mac
  if (mac !== undefined) cluster.bootEvent({ mac, stage: 'loader', atMs: now(), detail: name })
}
