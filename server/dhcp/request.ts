import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { BootClient, BootStage } from './boot-client.ts'
import type { Identity } from './identity.ts'
import type { RelayAgent } from './options/relay-agent.ts'
import type { DhcpPacket, Source } from './packet.ts'

/** Who runs the DHCP client: one of the boot stages, or an operating system (anything else). */
export type Stage = BootStage | 'os'

/** One client message, read and named: what every decision is made from. */
export type Request = {
  readonly packet: DhcpPacket
  readonly source: Source
  /** The machine: hardware identity, the same through ROM, loader and OS. */
  readonly mac: Mac
  /** Whom its leases belong to. */
  readonly identity: Identity
  /** Option 53, 1..8; 0 for a BOOTP client, which sends none. */
  readonly messageType: number
  readonly stage: Stage
  readonly client: Omit<BootClient, 'stage'>
  readonly requestedIp: Ipv4 | undefined
  readonly serverId: Ipv4 | undefined
  /** Lease time the client would like (option 51), a hint. */
  readonly leaseHintSeconds: number | undefined
  readonly hostName: string | undefined
  /** What the relay asks for; nothing when the request came without one. */
  readonly relay: RelayAgent
}
