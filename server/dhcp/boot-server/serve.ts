import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { bootEventOf } from '../boot-event.ts'
import { encode } from '../encode.ts'
import { bootTurn } from '../frozen-boot.ts'
import type { Endpoint, Source } from '../packet.ts'
import { createRateLimit } from '../rate-limit.ts'
import { readRequest } from '../read-request.ts'
import type { Listeners } from '../report.ts'
import type { Request } from '../request.ts'
import type { Offers } from '../styles/offers.ts'
import { isRaspberryPi } from '../styles/raspberry-pi.ts'
import { decideBootServer } from './decide.ts'
import { buildBootServerReply } from './reply.ts'

/** What a boot server needs; socket and clock are handed in. */
export type BootServerNeeds = {
  readonly serverId: Ipv4
  readonly offers: Offers
  /** Whether an address is a client's that we may answer. */
  readonly accepts: (ip: Ipv4) => boolean
  readonly send: (bytes: Uint8Array, to: Endpoint) => Promise<void>
  readonly listeners: Listeners
  /** Called with the client's address before it is answered. */
  readonly heard: (request: Request, ip: Ipv4) => void
}

/** The receiving end of a PXE boot server on port 4011. Nothing a client sends makes it throw. */
export function createBootServer({ serverId, offers, accepts, send, listeners, heard }: BootServerNeeds) {
  const { count, log, now, isDue } = listeners
  const withinRate = createRateLimit(now)
  const drop = (reason: string) => count('pxe', `dropped: ${reason}`)

  return (bytes: Uint8Array, source: Source) => {
    const read = readRequest(bytes, source)
    if (read.kind === 'drop') return drop(read.reason)
    const request = withStage(read.request)
    if (!withinRate(request.mac)) return drop('too many packets of one machine')
    const turn = bootTurn(request, undefined, offers.bootFor)
    const decision = decideBootServer(request, turn, accepts)
    if (decision.kind === 'ignore') return drop(decision.reason)
    const { to, item } = decision
    heard(request, to.address)
    const fields = { mac: request.mac, ip: to.address, stage: turn.stage }
    send(encode(buildBootServerReply(request, serverId, turn, item)), to)
      .then(() => {
        count('pxe', 'ack')
        log.info(fields, 'pxe boot server ack')
        const event = bootEventOf({ kind: 'ack', ip: to.address }, request, turn, now())
        if (event !== undefined) listeners.onBootEvent(event)
      })
      .catch(error => {
        count('pxe', 'unanswered: error')
        if (isDue(String(error)))
          log.error({ ...fields, error: String(error) }, 'pxe answer could not be sent')
      })
  }
}

/** A Raspberry Pi leaves out of its REQUEST what tells that it is firmware. */
function withStage(request: Request): Request {
  return request.stage === 'os' && isRaspberryPi(request.client) ? { ...request, stage: 'rom' } : request
}
