import { ServerConfig } from '../../../config/server.ts'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import type { StyleName } from '../../../config/values/style-name.ts'
import type { BootEvent } from '../../../protocol/boot.ts'
import type { BootFor } from '../../../server/dhcp/boot-client.ts'
import { decode } from '../../../server/dhcp/decode.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { openLeaseStore } from '../../../server/dhcp/lease-store.ts'
import { createLinkParts } from '../../../server/dhcp/link-parts.ts'
import type { LinkRole } from '../../../server/dhcp/link-role.ts'
import type { DhcpPacket, Endpoint, Source } from '../../../server/dhcp/packet.ts'
import { openStyleMemory } from '../../../server/dhcp/styles/style-memory.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import { BROADCAST, type Clock, ip, subnetsOf } from './scene.ts'

/** Our address beside another server, as in the golden vectors. */
export const PROXY = ip('10.77.0.2')

const boot: BootFor = ({ stage }) => ({
  file: stage === 'rom' ? 'snponly-x64.efi' : `http://${PROXY}:8080/boot.ipxe`,
  nextServer: PROXY,
})

/** What a scene of one link starts from. */
export type LinkSceneOptions = {
  readonly role?: LinkRole
  readonly clock?: Clock
  readonly bootFor?: BootFor
  readonly fixedStyle?: (mac: Mac) => StyleName | undefined
  readonly neighbourMac?: (ip: Ipv4) => Promise<Mac | undefined>
  /** Settings that differ from those of the scene. */
  readonly dhcp?: Readonly<Record<string, unknown>>
  /** What sending fails with. */
  readonly sendError?: Error
  readonly store?: ReturnType<typeof createMemoryStore>
}

/** All that answers on one link, with what it sent; `role` may be changed while it runs. */
export async function linkSceneOf(options: LinkSceneOptions = {}) {
  const clock = options.clock ?? { nowMs: 1_000_000 }
  const now = () => clock.nowMs
  const store = options.store ?? createMemoryStore({ now })
  const sent: { packet: DhcpPacket; bytes: Uint8Array; to: Endpoint; port: number }[] = []
  const events: BootEvent[] = []
  const counts: string[] = []
  const lines: string[] = []
  const line = (_fields: unknown, message: string) => void lines.push(message)
  const log = { debug: line, info: line, warn: line, error: line }
  const count = (_area: string, reason: string) => void counts.push(reason)
  const leases = await openLeaseStore(store, log, count)
  const styles = await openStyleMemory(store, log, now)
  const state = { role: options.role ?? ('proxy' as LinkRole) }
  const sendFrom = (port: number) => async (bytes: Uint8Array, to: Endpoint) => {
    if (options.sendError !== undefined) throw options.sendError
    const decoded = decode(bytes)
    if (decoded.kind === 'packet') sent.push({ bytes, packet: decoded.packet, to, port })
  }
  const [local, ...relayed] = subnetsOf(options.dhcp ?? {}).map(subnet => ({ ...subnet, serverId: PROXY }))
  if (local === undefined) throw new Error('a link has a subnet')
  const parts = createLinkParts(
    {
      config: ServerConfig.parse({}).dhcp,
      link: { interface: 'eth0', address: PROXY, prefixLength: 24 },
      openSockets: () => Promise.reject(new Error('a scene has no sockets')),
      leases,
      styles,
      bootFor: options.bootFor ?? boot,
      ...(options.fixedStyle === undefined ? {} : { fixedStyle: options.fixedStyle }),
      onBootEvent: event => void events.push(event),
      log,
      count,
      now,
    },
    [local, ...relayed],
    {
      post: (bytes, to, sent) =>
        void sendFrom(67)(bytes, to).then(
          () => sent(null),
          (error: Error) => sent(error),
        ),
      send: sendFrom(67),
      sendBootServer: sendFrom(4011),
      probe: undefined,
      neighbourMac: options.neighbourMac ?? (async () => undefined),
      role: () => state.role,
    },
  )
  const settled = async () => {
    await parts.idle()
    await new Promise(resolve => setImmediate(resolve))
  }
  return {
    parts,
    state,
    sent,
    events,
    counts,
    lines,
    leases,
    styles,
    clock,
    store,
    /** Sends a packet to port 67 and returns the reply, if any. */
    async ask(packet: DhcpPacket, source: Source = BROADCAST) {
      const before = sent.length
      parts.receive(encode(packet), source)
      await settled()
      return sent[before]
    },
    /** Sends a packet to port 4011. */
    async askBootServer(packet: DhcpPacket, source: Source) {
      const before = sent.length
      parts.receiveBootServer(encode(packet), source)
      await settled()
      return sent[before]
    },
  }
}
