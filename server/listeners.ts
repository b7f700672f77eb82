import type { Ipv4 } from '../config/values/ipv4.ts'
import { adminOptions } from './admin.ts'
import { openLoaderMemory } from './boot/loader-memory.ts'
import { leaseStateAt } from './dhcp/lease.ts'
import { openLeaseStore } from './dhcp/lease-store.ts'
import { openStyleMemory } from './dhcp/styles/style-memory.ts'
import type { House, Keep } from './house.ts'
import { startAdmin } from './http/admin-service.ts'
import { readLoaders } from './io/loader-files.ts'
import { createNicSockets } from './io/nic-sockets.ts'
import { adoptNicSockets } from './io/nic-sockets-adopted.ts'
import { type LinkServices, openLinkServices } from './link-services.ts'
import { readAddresses } from './links/io/addresses.ts'
import { watchAddresses } from './links/io/watch.ts'
import { serves } from './links/networks.ts'
import { keepLinks, type Links } from './links/service.ts'
import { openServerDoors } from './run-door.ts'

/**
 * Starts all that listens: each link's services (link-services.ts), now or as soon as its NIC is there, then the admin
 * socket. Each part is kept as soon as it runs. Rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED, GW_CONFIG_INVALID or
 * GW_STORE.
 */
export async function listen(house: House, keep: Keep): Promise<Links<LinkServices>> {
  const { config, wanted, log, store, counters, now } = house
  const { loaders, missing } = await readLoaders(config.boot.loaderDir)
  if (missing.length > 0) {
    log.warn({ missing, folder: config.boot.loaderDir }, 'loaders are missing; install the package "ipxe"')
  }
  await warnWithoutImage(house)
  const leases = await openLeaseStore(store, log, counters.count)
  house.metrics.states('godwit_leases', 'Addresses by state of their lease', () =>
    [...leases.table.leases()].map(lease => leaseStateAt(lease, now())),
  )
  const adopt = await adoptNicSockets(process.env, log)
  const styles = await openStyleMemory(store, log, now)
  const loaderMemory = await openLoaderMemory(store, log, now)
  const ownAddresses = new Set<Ipv4>()
  const openSockets = createNicSockets({ isOnlyNic: wanted.length === 1, adopt, log })
  const shared = { loaders, loaderMemory, leases, styles, openSockets, ownAddresses }
  const links = keep(
    await keepLinks({
      wanted,
      dhcp: config.dhcp,
      read: readAddresses,
      watch: onChange => watchAddresses(onChange, log),
      openLink: link => openLinkServices(house, link, shared),
      log,
    }),
  )
  keepLeases(house, links)
  keep(await startAdmin(adminOptions(house, links)))
  keep(await openServerDoors(house, house.places))
  return links
}

async function warnWithoutImage({ catalog, config, log }: House): Promise<void> {
  const image = await catalog.channel(config.boot.channel)
  if (image.kind === 'none') log.warn({ code: 'GW_IMAGE_MISSING' }, image.reason)
}

/** The image does no DHCP of its own: a node's reports are what keeps its lease. */
function keepLeases({ cluster }: House, links: Links<LinkServices>): void {
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
      await links
        .open()
        .find(({ link }) => serves(link, ip))
        ?.dhcp?.extend(mac, ip)
    },
  })
}
