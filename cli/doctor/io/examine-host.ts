import { type Finding, skipped } from '../finding.ts'
import { judgeFirewall } from '../firewall.ts'
import { judgeClock, judgeDisk, judgeLink, judgeTool, type Tool } from '../host-state.ts'
import { judgePort } from '../ports.ts'
import { neededPorts, type World } from '../world.ts'
import { freeBytesBelow, hasProgram, readFilters, readLink, readListeners } from './host.ts'

/** Programs the server stands on; without them it works, but worse. */
const TOOLS: readonly Tool[] = [
  { name: 'radvd', use: 'saves each iPXE a wait of 16 s for an IPv6 router', package: 'radvd' },
  { name: 'perl', use: 'opens sockets that hear one interface only', package: 'perl-base' },
  { name: 'tcpdump', use: 'godwit capture', package: 'tcpdump' },
]

/** Ports free, held by us, or by whom. */
export async function examinePorts({ config, status, links }: World): Promise<readonly Finding[]> {
  const listeners = { udp: await readListeners('udp'), tcp: await readListeners('tcp') }
  return neededPorts(config).map(needed => {
    const known = listeners[needed.protocol]
    return known === undefined
      ? skipped(`port ${needed.port}/${needed.protocol}`, 'ss is missing', 'install the package iproute2')
      : judgePort(needed, known, { pid: status?.pid, links })
  })
}

/** Firewall, interfaces, disk, programs, clock. */
export async function examineHost(world: World): Promise<readonly Finding[]> {
  const { config, imageDir, links } = world
  const folders = [
    ['state', config.stateDir],
    ['images', imageDir],
  ] as const
  return [
    ...(await Promise.all(links.map(async link => judgeLink(await readLink(link.interface, link.address))))),
    ...(await judgeFilters(world)),
    ...(await Promise.all(
      folders.map(async ([what, path]) => judgeDisk(what, path, await freeBytesBelow(path))),
    )),
    ...(await Promise.all(TOOLS.map(async tool => judgeTool(tool, await hasProgram(tool.name))))),
    judgeClock(Date.now()),
  ]
}

async function judgeFilters({ config, links }: World): Promise<readonly Finding[]> {
  const filters = await readFilters()
  return links.map(link => judgeFirewall(filters, neededPorts(config), link.interface))
}
