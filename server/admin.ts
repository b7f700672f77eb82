import { UNSPECIFIED } from '../config/values/ipv4.ts'
import { Mac } from '../config/values/mac.ts'
import type { ServerStatus } from '../protocol/admin.ts'
import { GodwitError } from '../protocol/errors.ts'
import { machineSettings } from './boot/machine-settings.ts'
import { type PrepareOptions, prepareMachine } from './boot/prepare.ts'
import type { LinkStatus } from './dhcp/link-role.ts'
import type { DhcpServer } from './dhcp/service.ts'
import type { House } from './house.ts'
import type { AdminOptions } from './http/admin-service.ts'
import { hostIdentity } from './io/host-identity.ts'
import type { ServedLink } from './links/link.ts'
import { networksOf } from './links/networks.ts'
import type { Links } from './links/service.ts'

/** A link that machines ask on, and whether they have their addresses from us at this moment. */
type AskedOn = { readonly link: ServedLink; readonly home: string | undefined; leases(): boolean }

/** What the boot script of a machine that asks on `link` is made of. */
export function prepareOptions(
  { config, identity, catalog, cluster, now }: House,
  { link, home, leases }: AskedOn,
): PrepareOptions {
  return {
    link: link.cidr,
    networks: networksOf(link),
    now,
    ports: { http: config.http.port, api: config.api.port, agent: config.agent.port },
    caFingerprint: identity.caFingerprint,
    kernelArgs: config.boot.kernelArgs,
    home,
    leasedTo: mac =>
      leases() ? (cluster.nodes().find(node => node.mac === mac)?.ip ?? undefined) : undefined,
    localBoot: mac => machineSettings(config.boot.machines, mac).localBoot,
    image: () => catalog.channel(config.boot.channel),
    prepareBoot: machine => cluster.prepareBoot(machine),
  }
}

type OpenLink = {
  readonly link: ServedLink
  readonly dhcp: Pick<DhcpServer, 'status'> | undefined
  readonly home: string | undefined
  close(): Promise<void>
}

/** The answers of the admin API, each from the part of the house that knows. */
export function adminOptions(house: House, links: Links<OpenLink>): AdminOptions {
  const { cluster, learning, processes, identity, log, paths } = house
  return {
    socketPath: paths.adminSocket,
    log,
    status: () => statusOf(house, links),
    nodes: cluster.nodes,
    node: cluster.node,
    timeline: async id => cluster.timeline(id),
    approve: cluster.approve,
    drain: cluster.drain,
    mintBoot: async mac => {
      const [first] = links.open()
      if (first === undefined) throw new GodwitError('GW_NO_INTERFACE', 'no network is served now')
      const machine = { ...NO_TEXTS, mac: Mac.parse(mac), fw: 'bios', arch: 'x86_64' } as const
      return prepareMachine(
        machine,
        UNSPECIFIED,
        prepareOptions(house, {
          link: first.link,
          home: first.home,
          leases: () => first.dhcp?.status().role === 'authoritative',
        }),
      )
    },
    run: async (request, wait) => {
      const answer = await processes.run(request, request.now === true ? undefined : wait)
      if (answer.kind === 'refused')
        throw new GodwitError(answer.code, answer.message, { cause: answer.details })
      const { grant } = answer
      // Its memory must not stay promised until the ticket is too old.
      if (wait.signal.aborted)
        await processes.refused(grant.process, 'GW_NODE_REFUSED', 'who asked for it has gone')
      return { ...grant, caPem: identity.caCertPem, server: hostIdentity() }
    },
    refused: processes.refused,
    processes: all => processes.list({ all }),
    process: processes.get,
    why: processes.why,
    kill: processes.kill,
    output: processes.output,
    histories: learning.histories,
    forgetHistory: learning.forget,
    relayTarget: nodeId => {
      const node = cluster.snapshot().find(candidate => candidate.view.id === nodeId)
      return node?.view.ip != null && node.agentPort !== null
        ? { ip: node.view.ip, port: node.agentPort }
        : undefined
    },
  }
}

/** A machine that was not asked for its serial numbers. */
const NO_TEXTS = { serial: '', mfg: '', product: '', ip: undefined, uuid: undefined }

function statusOf(
  { version, startedAt, config, cluster, counters }: House,
  links: Links<OpenLink>,
): ServerStatus {
  const nodes: Record<string, number> = {}
  for (const { state } of cluster.nodes()) nodes[state] = (nodes[state] ?? 0) + 1
  const { http, api, agent } = config
  return {
    version,
    pid: process.pid,
    startedAt,
    address: links.open()[0]?.link.cidr.address ?? UNSPECIFIED,
    links: [
      ...links.open().map(({ link, dhcp }) => ({
        interface: link.interface,
        address: link.cidr.address,
        problem: null,
        dhcp: dhcp === undefined ? null : dhcpStatus(dhcp.status()),
      })),
      ...links.waiting().map(({ interface: name, reason }) => ({
        interface: name,
        address: null,
        problem: reason,
        dhcp: null,
      })),
    ],
    ports: { http: http.port, api: api.port, agent: agent.port },
    channel: config.boot.channel,
    nodes,
    counters: counters.snapshot(),
  }
}

function dhcpStatus({ role, why, servers, alarms }: LinkStatus) {
  return { role, why, servers: [...servers], alarms: [...alarms] }
}
