import type { ServerConfig } from '../config/server.ts'
import { closeAll } from './close-all.ts'
import { type MakePlacer, openHouse } from './house.ts'
import { collectAlone } from './io/collector.ts'
import { listen } from './listeners.ts'
import { placerByScore } from './place-process.ts'

/** A running server. */
export type Server = { close(): Promise<void> }

/**
 * Composes and starts everything: state, identity, cluster, then what listens, DHCP last, so that no machine is
 * invited before all it will ask for is there. Another `makePlacer` is another policy to compare ours with. Rejects
 * with a GodwitError and leaves nothing listening.
 */
export async function startServer(
  config: ServerConfig,
  version: string,
  makePlacer: MakePlacer = placerByScore,
): Promise<Server> {
  collectAlone()
  const opened: { close(): Promise<void> }[] = []
  const keep = <T extends { close(): Promise<void> }>(part: T): T => {
    opened.push(part)
    return part
  }
  const close = () => closeAll(opened.splice(0).reverse())
  try {
    const house = await openHouse(config, version, keep, makePlacer)
    const links = await listen(house, keep)
    const open = links.open().map(({ link }) => `${link.interface} (${link.cidr.address})`)
    house.log.info({ links: open, waiting: links.waiting(), version }, 'godwit serves')
    return { close }
  } catch (error) {
    await close().catch(() => undefined) // why the start failed says more
    throw error
  }
}
