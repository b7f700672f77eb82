import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import { dhcpEvents } from './dhcp-events.ts'
import { diagnose } from './diagnose.ts'
import type { CaptureEvent, DhcpEvent } from './event.ts'
import { endOf } from './event.ts'
import { httpEvents } from './http-events.ts'
import type { CapturedFrame } from './pcap.ts'
import { segmentOf } from './segment.ts'
import { tftpEvents } from './tftp-events.ts'

/** A machine's boot as its packets tell it. Times are ms since 1970. */
export type Explanation = {
  readonly mac: Mac
  /** Addresses it had, in the order it got them. */
  readonly addresses: readonly Ipv4[]
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly events: readonly CaptureEvent[]
  /** What the events mean, one sentence each; empty when nothing is wrong. */
  readonly diagnosis: readonly string[]
}

/**
 * The boots in a capture, one for each machine that spoke DHCP, the first to speak first. Frames that are neither
 * DHCP, TFTP nor HTTP in clear are passed over.
 */
export function explainCapture(frames: readonly CapturedFrame[]): readonly Explanation[] {
  const segments = frames.flatMap(frame => segmentOf(frame) ?? [])
  const dhcp = dhcpEvents(segments)
  const files = [...tftpEvents(segments), ...httpEvents(segments)]
  return [...byMac(dhcp)].map(([mac, own]) => {
    const addresses = addressesOf(own)
    const events = [...own, ...files.filter(({ client }) => addresses.includes(client))]
    return explanationOf(
      mac,
      addresses,
      [...events].sort((a, b) => a.atMs - b.atMs),
    )
  })
}

/** In one pass: a capture of a flood has a hundred thousand machines. */
function byMac(events: readonly DhcpEvent[]): ReadonlyMap<Mac, readonly DhcpEvent[]> {
  const machines = new Map<Mac, DhcpEvent[]>()
  for (const event of events) {
    const own = machines.get(event.mac)
    if (own === undefined) machines.set(event.mac, [event])
    else own.push(event)
  }
  return machines
}

/** Addresses given to the machine by an ACK, or, where only a part was captured, used by it. */
function addressesOf(events: readonly DhcpEvent[]): readonly Ipv4[] {
  const given = events
    .filter(({ message }) => message === 'ACK' || message === 'OFFER')
    .map(({ address }) => address)
  const used = events.filter(({ stage }) => stage !== undefined).map(({ from }) => from)
  return [...new Set([...given, ...used])].filter(ip => ip !== '0.0.0.0')
}

function explanationOf(mac: Mac, addresses: readonly Ipv4[], events: readonly CaptureEvent[]): Explanation {
  const startedAtMs = events[0]?.atMs ?? 0
  return {
    mac,
    addresses,
    startedAtMs,
    endedAtMs: events.reduce((latest, event) => Math.max(latest, endOf(event)), startedAtMs),
    events,
    diagnosis: diagnose(events),
  }
}
