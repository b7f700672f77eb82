import { NO_SUBNET, NO_SUBNET_SENTENCE } from '../answer.ts'
import { bootEventOf } from '../boot-event.ts'
import { destinationOf } from '../destination.ts'
import { encode } from '../encode.ts'
import { bootTurn } from '../frozen-boot.ts'
import { selectSubnet } from '../link.ts'
import type { Endpoint, Source } from '../packet.ts'
import { createRateLimit } from '../rate-limit.ts'
import { readRequest } from '../read-request.ts'
import type { Listeners } from '../report.ts'
import type { Request } from '../request.ts'
import type { Offers } from '../styles/offers.ts'
import type { Subnet } from '../subnet.ts'
import { decideProxy } from './decide.ts'
import { buildProxyReply } from './reply.ts'

/** What a proxy needs; sockets and clock are handed in. */
export type ProxyNeeds = {
  /** The network the link faces, then those behind its relays: who is in none of them is not answered. */
  readonly subnets: readonly [Subnet, ...Subnet[]]
  readonly offers: Offers
  readonly send: (bytes: Uint8Array, to: Endpoint) => Promise<void>
  readonly listeners: Listeners
  /** Called with every request of a boot client, before it is answered. */
  readonly heard: (request: Request) => void
}

/** The receiving end of a proxyDHCP on port 67. Nothing a client sends makes it throw. */
export function createProxy({ subnets, offers, send, listeners, heard }: ProxyNeeds) {
  const { count, log, now, isDue } = listeners
  const { serverId } = subnets[0]
  const withinRate = createRateLimit(now)
  const drop = (reason: string) => count('dhcp', `dropped: ${reason}`)

  return (bytes: Uint8Array, source: Source) => {
    const read = readRequest(bytes, source)
    if (read.kind === 'drop') return drop(read.reason)
    const { request } = read
    const subnet = selectSubnet(subnets, request)
    if (subnet === undefined) {
      if (isDue(NO_SUBNET)) log.warn({ from: source.address }, NO_SUBNET_SENTENCE)
      return drop(NO_SUBNET)
    }
    if (!withinRate(request.mac)) return drop('too many packets of one machine')
    if (request.stage !== 'os') heard(request)
    const turn = bootTurn(request, undefined, offers.bootFor)
    const { kind, reason } = decideProxy(request, serverId, turn)
    count('dhcp', `proxy ${kind}: ${reason}`)
    if (kind === 'ignore') return
    const destination = destinationOf(kind, request, subnet)
    if (destination.kind === 'nowhere') return drop(destination.reason)
    const fields = { mac: request.mac, stage: turn.stage, style: turn.boot?.style?.name, reason }
    send(encode(buildProxyReply(kind, request, serverId, turn)), destination.endpoint)
      .then(() => {
        log.debug(fields, `dhcp proxy ${kind}`)
        const event = bootEventOf({ kind }, request, turn, now(), 'proxy')
        if (event !== undefined) listeners.onBootEvent(event)
      })
      .catch(error => {
        count('dhcp', 'unanswered: error')
        if (isDue(String(error)))
          log.error({ ...fields, error: String(error) }, 'dhcp proxy answer could not be sent')
      })
  }
}
