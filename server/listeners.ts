import { cidrContains } from '../config/values/cidr.ts'
import type { Ipv4 } from '../config/values/ipv4.ts'
import type { Mac } from '../config/values/mac.ts'
import { adminOptions, prepareOptions } from './admin.ts'
import { advertisementConfig } from './boot/advertisement.ts'
import { bootAnswer } from './boot/answer.ts'
import { prepareMachine } from './boot/prepare.ts'
import { firstScript } from './boot/script.ts'
import { startLink } from './cluster/link/service.ts'
import type { Cluster } from './cluster/service.ts'
import { type DhcpServer, startDhcp } from './dhcp/service.ts'
import type { House, Keep } from './house.ts'
import { startAdmin } from './http/admin-service.ts'
import { startBootHttp } from './http/boot-service.ts'
import { startAdvertiser } from './io/advertiser.ts'
import { type LoadedLoader, readLoaders } from './io/loader-files.ts'
import type { TftpFile } from './tftp/blocks.ts'
import { startTftp } from './tftp/service.ts'

/** Starts all that listens; each part is kept as soon as it runs. Rejects with GW_PORT_IN_USE or GW_NOT_PERMITTED. */
export async function listen(house: House, keep: Keep): Promise<void> {
  const { config, link, log, now, identity, cluster, counters } = house
  const { address } = link.cidr
  const { loaders, missing } = await readLoaders(config.boot.loaderDir)
  if (missing.length > 0) {
    log.warn({ missing, folder: config.boot.loaderDir }, 'loaders are missing; install the package "ipxe"')
  }
  await warnWithoutImage(house)
  const shared = { log, count: counters.count, now, address }
  const prepare = prepareOptions(house)
  keep(
    await startBootHttp({
      ...shared,
      port: config.http.port,
      caPem: identity.caCertPem,
      firstScript: firstScript(address, config.http.port),
      machineScript: (query, remote) => prepareMachine(query, remote, prepare),
      imageFile: house.catalog.file,
      loaderFile: async name => loaders.get(name),
      onBootEvent: cluster.bootEvent,
    }),
  )
  keep(await startLink({ ...shared, port: config.api.port, identity, handlers: cluster.link }))
  keep(await startAdmin(adminOptions(house, prepare)))
  if (config.boot.routerAdvertisements) {
    const { stateDir } = house.paths
    keep(await startAdvertiser({ config: advertisementConfig(link.interface), stateDir, log }))
  }
  if (config.tftp.enabled) keep(await openTftp(house, loaders))
  if (config.dhcp.mode !== 'off') keepLeases(house, keep(await openDhcp(house)))
}

async function warnWithoutImage({ catalog, config, log }: House): Promise<void> {
  const image = await catalog.channel(config.boot.channel)
  if (image.kind === 'none') log.warn({ code: 'GW_IMAGE_MISSING' }, image.reason)
}

function openDhcp({ config, link, store, cluster, log, now, counters }: House): Promise<DhcpServer> {
  const { address, prefixLength } = link.cidr
  return startDhcp({
    config: config.dhcp,
    link: { interface: link.interface, address, prefixLength },
    store,
    bootFor: client => bootAnswer(client, { address, httpPort: config.http.port }),
    onBootEvent: cluster.bootEvent,
    log,
    count: counters.count,
    now,
  })
}

/** The image does no DHCP of its own: a node's reports are what keeps its lease. */
function keepLeases({ cluster }: House, dhcp: DhcpServer): void {
  const nothing = async () => undefined
  cluster.subscribe({
    joined: nothing,
    lost: nothing,
    started: nothing,
    ended: nothing,
    report: async nodeId => {
      const node = cluster.node(nodeId)
      if (node?.ip != null) await dhcp.extend(node.mac, node.ip)
    },
  })
}

function openTftp(
  { config, link, cluster, log, now, counters }: House,
  loaders: ReadonlyMap<string, LoadedLoader>,
) {
  return startTftp({
    config: config.tftp,
    address: link.cidr.address,
    accepts: client => cidrContains(link.cidr, client),
    open: async ({ path }) => {
      const loader = path.length === 1 ? loaders.get(path[0] ?? '') : undefined
      return loader && bytesFile(loader.bytes)
    },
    onTransfer: transfer => {
      log.info(transfer, `tftp ${transfer.outcome}`)
      counters.count('tftp', transfer.outcome)
      const mac = transfer.outcome === 'complete' ? macAt(cluster, transfer.client) : undefined
      if (mac) cluster.bootEvent({ mac, stage: 'loader', atMs: now(), detail: transfer.path })
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

/** TFTP knows addresses only; DHCP told the cluster whose they are. */
function macAt(cluster: Cluster, ip: Ipv4): Mac | undefined {
  return cluster.nodes().find(node => node.ip === ip)?.mac
}
