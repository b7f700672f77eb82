import { cidrContains } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import { createBootServer } from './boot-server/serve.ts'
import { type ClientAddresses, createClientAddresses } from './client-addresses.ts'
import type { ConflictProbe } from './conflict.ts'
import type { Contact } from './contact.ts'
import type { LinkRole } from './link-role.ts'
import { createLoaderLoop } from './loader-loop.ts'
import { createOccasion } from './occasion.ts'
import { CLIENT_PORT, type Endpoint, SERVER_PORT, type Source } from './packet.ts'
import type { Post } from './post.ts'
import { createProxy } from './proxy/serve.ts'
import type { Request } from './request.ts'
import { requestState } from './request-state.ts'
import { createServing } from './serve.ts'
import type { DhcpOptions } from './service.ts'
import { createOffers } from './styles/offers.ts'
import { reportProgress } from './styles/report-progress.ts'
import { createStyleMemory } from './styles/style-memory.ts'
import type { Subnet } from './subnet.ts'

/** The world around the parts of one link. */
export type LinkWorld = {
  readonly post: Post
  readonly send: (bytes: Uint8Array, to: Endpoint) => Promise<void>
  readonly sendBootServer: (bytes: Uint8Array, to: Endpoint) => Promise<void>
  /** Looks who uses an address before it is offered; nobody looks without. */
  readonly probe: ConflictProbe | undefined
  readonly neighbourMac: (ip: Ipv4) => Promise<Mac | undefined>
  /** What we are at this moment. */
  readonly role: () => LinkRole
}

/** All that answers on one link, without its sockets. */
export type LinkParts = {
  receive(bytes: Uint8Array, source: Source): void
  receiveBootServer(bytes: Uint8Array, source: Source): void
  extend(mac: Mac, ip: Ipv4): Promise<void>
  contact(seen: Contact): void
  machineAt(ip: Ipv4): Promise<Mac | undefined>
  idle(): Promise<void>
}

const SAY_AGAIN_AFTER_MS = 60_000

/** Joins the server, the proxy and the boot server of one link to what they share: styles, and who has which address. */
export function createLinkParts(
  options: DhcpOptions,
  subnets: readonly [Subnet, ...Subnet[]],
  world: LinkWorld,
): LinkParts {
  const { leases, log, count, now, onBootEvent, fixedStyle = () => undefined } = options
  const { address } = options.link
  const { role } = world
  const listeners = { log, count, now, onBootEvent, isDue: createOccasion(now, SAY_AGAIN_AFTER_MS) }
  const addresses = createClientAddresses()
  const loop = createLoaderLoop(options.bootFor, now)
  const offers = createOffers({
    bootFor: loop.bootFor,
    isProxy: () => role() === 'proxy',
    memory: options.styles ?? createStyleMemory(),
    fixedStyle,
    now,
  })
  const heard = (request: Request) => {
    if (role() === 'proxy') learnAddress(request, addresses)
    const progress = offers.heard(request)
    if (progress !== undefined) reportProgress(listeners, request, progress)
  }
  const knownAt = (ip: Ipv4): Mac | undefined => {
    const lease = leases.table.leaseAt(ip)
    const leased = lease?.state === 'bound' ? lease.mac : undefined
    const learnt = addresses.macOf(ip)
    // What was heard once may be about the machine that had the address before.
    return role() === 'authoritative' ? (leased ?? learnt) : (learnt ?? leased)
  }
  const { post, send, probe } = world
  const { bootFor, unanswered } = offers
  const serving = createServing({ ...options, bootFor, heard, unanswered, subnets, leases, post, probe })
  const proxy = createProxy({ subnets, offers, send, listeners, heard })
  const bootServer = createBootServer({
    serverId: address,
    offers,
    accepts: ip => ip !== address && subnets.some(({ link }) => cidrContains(link, ip)),
    send: world.sendBootServer,
    listeners,
    heard(request, ip) {
      addresses.learn(ip, request.mac)
      offers.followed(request.mac, 'boot-server')
    },
  })

  /** A defect costs this packet, never the service. */
  const guarded = (answer: () => void) => {
    try {
      answer()
    } catch (error) {
      count('dhcp', 'unanswered: error')
      if (listeners.isDue(String(error)))
        log.error({ error: String(error) }, 'dhcp request could not be answered')
    }
  }

  return {
    receive(bytes, source) {
      const { port } = source
      // Our own broadcasts come back to us.
      if (source.address === address && (port === SERVER_PORT || port === CLIENT_PORT))
        return count('dhcp', 'dropped: our own packet')
      if (role() === 'nothing') return count('dhcp', 'dropped: still probing for another server')
      if (role() === 'proxy') guarded(() => proxy(bytes, source))
      else serving.receive(bytes, source)
    },
    receiveBootServer(bytes, source) {
      if (role() !== 'nothing') guarded(() => bootServer(bytes, source))
    },
    async extend(mac, ip) {
      // As a proxy we keep what we once leased, and adopt nothing: the address may be the other server's.
      if (role() === 'authoritative' || leases.table.leaseAt(ip)?.mac === mac) await serving.extend(mac, ip)
    },
    contact({ mac, ip, loader }) {
      if (mac !== undefined && loader !== undefined) loop.downloaded(mac)
      const known = mac ?? (ip && knownAt(ip))
      if (known !== undefined) offers.followed(known, 'fetch')
      else if (ip !== undefined)
        void world.neighbourMac(ip).then(found => found && offers.followed(found, 'fetch'))
    },
    machineAt: async ip => knownAt(ip) ?? (await world.neighbourMac(ip)),
    idle: serving.idle,
  }
}

/** A proxy leases nothing: it learns from the REQUEST which address another server gave. */
function learnAddress(request: Request, addresses: ClientAddresses): void {
  const state = requestState(request)
  if (state.kind === 'selecting') addresses.learn(state.ip, request.mac)
}
