import { join } from 'node:path'
import { cidrContains } from '../config/values/cidr.ts'
import type { Ipv4 } from '../config/values/ipv4.ts'
import { prepareOptions } from './admin.ts'
import { advertisementConfig } from './boot/advertisement.ts'
import { type Dialect, GRUB, IPXE } from './boot/dialect.ts'
import type { LoaderMemory } from './boot/loader-memory.ts'
import { machineSettings } from './boot/machine-settings.ts'
import { prepareMachine } from './boot/prepare.ts'
import { type Boot, openBoot } from './boot/service.ts'
import { closeAll } from './close-all.ts'
import { startLink } from './cluster/link/service.ts'
import type { LeaseStore } from './dhcp/lease-store.ts'
import { type DhcpServer, startDhcp } from './dhcp/service.ts'
import type { StyleMemory } from './dhcp/styles/style-memory.ts'
import { startHome } from './home/service.ts'
import type { House, Keep } from './house.ts'
import type { BootQuery } from './http/boot-query.ts'
import { startBootHttp } from './http/boot-service.ts'
import { startAdvertiser } from './io/advertiser.ts'
import type { LoadedLoader } from './io/loader-files.ts'
import type { OpenNicSockets } from './io/nic-sockets.ts'
import type { ServedLink } from './links/link.ts'
import { networksOf, serves } from './links/networks.ts'
import { bytesFile, firstOf, type OpenFile, onceFile } from './tftp/file.ts'
import { openFromDirectory } from './tftp/io/directory.ts'
import { startTftp } from './tftp/service.ts'

/** What the services of all links share: read or opened once. */
export type SharedByLinks = {
  readonly loaders: ReadonlyMap<string, LoadedLoader>
  readonly leases: LeaseStore
  readonly styles: StyleMemory
  readonly loaderMemory: LoaderMemory
  readonly openSockets: OpenNicSockets
  /** Our addresses on the links that were opened so far. */
  readonly ownAddresses: Set<Ipv4>
}

/** All that listens on one NIC. */
export type LinkServices = {
  readonly link: ServedLink
  /** `undefined` where `dhcp.mode` is `off`. */
  readonly dhcp: DhcpServer | undefined
  /** Where the nodes of this link mount the home folder. */
  readonly home: string | undefined
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
  const late: LateDhcp = { server: undefined }
  try {
    const boot = await openBoot({
      config: house.config,
      address: link.cidr.address,
      loaders: shared.loaders,
      loaderCache: join(house.paths.stateDir, 'loaders', link.interface),
      memory: shared.loaderMemory,
      log: house.log,
      now: house.now,
    })
    const { at: home } = keep(await openHome(house, link))
    await openTcp(house, { link, home }, boot, late, keep)
    if (house.config.tftp.enabled) keep(await openTftp(house, link, boot, late))
    const isDhcpServer = link.dhcp.mode !== 'off'
    if (isDhcpServer) late.server = keep(await openDhcp(house, link, boot, shared))
    return { link, dhcp: late.server, home, close }
  } catch (error) {
    await close().catch(() => undefined) // why it did not open says more
    throw error
  }
}

/** DHCP for those who open before it does. */
type LateDhcp = { server: DhcpServer | undefined }

/** Boot HTTP and the agents' link; radvd, which has no port, beside them. */
async function openTcp(
  house: House,
  { link, home }: Pick<LinkServices, 'link' | 'home'>,
  boot: Boot,
  late: LateDhcp,
  keep: Keep,
) {
  const { config, log, now, identity, cluster, counters } = house
  const { address } = link.cidr
  const shared = { log, count: counters.count, now, address }
  const prepare = prepareOptions(house, { link, home, leases: () => leasesHere(late.server) })
  const scriptIn = (dialect: Dialect) => (query: BootQuery, remote: Ipv4) => {
    boot.scriptAsked(query.mac)
    return prepareMachine(query, remote, prepare, dialect)
  }
  keep(
    await startBootHttp({
      ...shared,
      port: config.http.port,
      caPem: identity.caCertPem,
      firstScripts: boot.scripts,
      machineScript: scriptIn(IPXE),
      grubMachineScript: scriptIn(GRUB),
      imageFile: house.catalog.file,
      loaderFile: async name => boot.loader(name),
      onLoaderSent: (name, remote) => loaderSent(house, boot, late, name, remote),
      onBootEvent: event => {
        late.server?.contact({ mac: event.mac, what: 'http' })
        cluster.bootEvent(event)
      },
      files: house.files,
      onSent: (sentBytes, isWhole) => house.metrics.sent('http', sentBytes, isWhole),
      metrics: house.metrics.text,
      libc: config.http.congestion === 'host' ? undefined : house.libc,
      stallMs: config.http.stallSeconds * 1000,
      limits: { ...config.http, headMs: config.http.headSeconds * 1000 },
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

function openHome({ config, paths, log }: House, link: ServedLink) {
  return startHome({
    config: config.home,
    interface: link.interface,
    address: link.cidr.address,
    networks: networksOf(link).map(({ cidr }) => cidr),
    stateDir: paths.stateDir,
    log,
  })
}

function openDhcp(
  house: House,
  link: ServedLink,
  { bootFor }: Boot,
  { leases, styles, openSockets, ownAddresses }: SharedByLinks,
): Promise<DhcpServer> {
  const { config, cluster, log, now, counters } = house
  const { address, prefixLength } = link.cidr
  ownAddresses.add(address)
  return startDhcp({
    config: link.dhcp,
    ownAddresses,
    link: { interface: link.interface, address, prefixLength },
    openSockets,
    leases,
    styles,
    bootFor,
    fixedStyle: mac => machineSettings(config.boot.machines, mac).style,
    onBootEvent: cluster.bootEvent,
    log,
    count: counters.count,
    now,
  })
}

function openTftp(house: House, link: ServedLink, boot: Boot, late: LateDhcp) {
  const { config, log, now, counters } = house
  return startTftp({
    config: config.tftp,
    address: link.cidr.address,
    interface: link.interface,
    accepts: client =>
      serves(link, client) || config.dhcp.relayed.some(({ subnet }) => cidrContains(subnet, client)),
    open: firstOf(loaderOrScript(boot, late), ...ownFiles(config.tftp)),
    onTransfer: transfer => {
      log.info(transfer, `tftp ${transfer.outcome}`)
      counters.count('tftp', transfer.outcome)
      if (transfer.outcome === 'complete') house.metrics.sent('tftp', transfer.sizeBytes, true)
      if (transfer.outcome === 'complete') void loaderSent(house, boot, late, transfer.path, transfer.client)
    },
    libc: house.libc,
    log,
    count: counters.count,
    now,
  })
}

/** What we hand out ourselves. That a machine asks at all tells DHCP that its offer was understood. */
function loaderOrScript(boot: Boot, late: LateDhcp): OpenFile {
  return async ({ path, client }) => {
    late.server?.contact({ ip: client, what: 'tftp' })
    const bytes = boot.file(path)
    if (bytes === undefined) return undefined
    const isLoader = path.length === 1 && boot.loader(path[0] ?? '')?.bytes === bytes
    return isLoader ? bytesFile(bytes) : onceFile(bytes)
  }
}

/** The operator's folder, where there is one. */
function ownFiles({ root, ignoreCase }: House['config']['tftp']): readonly OpenFile[] {
  return root === undefined ? [] : [openFromDirectory(root, { linkTargets: [], ignoreCase })]
}

/** TFTP and HTTP know addresses only; whose they are is known to the cluster, or to DHCP. */
async function loaderSent(
  { cluster, now }: House,
  boot: Boot,
  { server }: LateDhcp,
  name: string,
  remote: Ipv4,
): Promise<void> {
  if (boot.isScript(name)) return
  const known = cluster.nodes().find(node => node.ip === remote)?.mac
  const mac = known ?? (await server?.machineAt(remote))
  if (mac === undefined) return
  // A script that tells of a loop is no loader: it must not count as one more.
  if (!name.endsWith('.ipxe')) {
    server?.contact({ mac, what: 'tftp', loader: name })
    boot.loaderSent(mac, name)
  }
  cluster.bootEvent({ mac, stage: 'loader', atMs: now(), detail: name })
}

/** Whether the machines of this link have their addresses from us. */
function leasesHere(dhcp: DhcpServer | undefined): boolean {
  return dhcp?.status().role === 'authoritative'
}
