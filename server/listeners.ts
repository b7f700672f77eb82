import { cidrContains } from '../config/values/cidr.ts'
import { adminOptions } from './admin.ts'
import { openLeaseStore } from './dhcp/lease-store.ts'
import type { House, Keep } from './house.ts'
import { startAdmin } from './http/admin-service.ts'
import { readLoaders } from './io/loader-files.ts'
import { createNicSockets } from './io/nic-sockets.ts'
import { type LinkServices, openLinkServices } from './link-services.ts'

/**
 * Starts all that listens: what there is once, then each link's services (link-services.ts). Each part is kept as soon
 * as it runs. Rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED or GW_STORE.
 */
export async function listen(house: House, keep: Keep): Promise<void> {
  const { config, links, log, store, counters } = house
  const { loaders, missing } = await readLoaders(config.boot.loaderDir)
  if (missing.length > 0) {
    log.warn({ missing, folder: config.boot.loaderDir }, 'loaders are missing; install the package "ipxe"')
  }
  await warnWithoutImage(house)
  const leases = await openLeaseStore(store, log, counters.count)
  keep(await startAdmin(adminOptions(house)))
  const openSockets = createNicSockets({ isOnlyNic: links.length === 1, adopt: () => undefined, log })
  const open: LinkServices[] = []
  keepLeases(house, open)
  for (const link of links)
    open.push(keep(await openLinkServices(house, link, { loaders, leases, openSockets })))
}

async function warnWithoutImage({ catalog, config, log }: House): Promise<void> {
  const image = await catalog.channel(config.boot.channel)
  if (image.kind === 'none') log.warn({ code: 'GW_IMAGE_MISSING' }, image.reason)
}

/** The image does no DHCP of its own: a node's reports are what keeps its lease. */
function keepLeases({ cluster }: House, open: readonly LinkServices[]): void {
  const nothing = async () => undefined
  cluster.subscribe({
    joined: nothing,
    lost: nothing,
    started: nothing,
    ended: nothing,
    report: async nodeId => {
      const node = cluster.node(nodeId)
      if (node?.ip == null) return
      const { mac, ip } = node
      await open.find(({ link }) => cidrContains(link.cidr, ip))?.dhcp?.extend(mac, ip)
    },
  })
}
