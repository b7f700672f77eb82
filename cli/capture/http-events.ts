import type { HttpEvent } from './event.ts'
import type { Party, Segment } from './segment.ts'

const REQUEST = /^(?:GET|HEAD|POST|PUT) \S+ HTTP\/1\.[01]\r?\n/
const STATUS = /^HTTP\/1\.[01] (\d{3})/

/** A connection's present request, as far as the capture shows it. */
type Exchange = {
  readonly segment: Segment
  readonly line: string
  status: number | undefined
  /** The server's next octet when the request went out: what the client acknowledges beyond it is the answer. */
  readonly ackAtStart: number
  bytes: number
  endedAtMs: number
}

/**
 * The HTTP requests among the segments, in clear, one after the other on a connection. How much came is read from the
 * client's acknowledgements, so the answer's body need not be in the capture.
 */
export function httpEvents(segments: readonly Segment[]): readonly HttpEvent[] {
  const open = new Map<string, Exchange>()
  const all: Exchange[] = []
  for (const segment of segments) {
    if (segment.protocol !== 'tcp' || segment.tcp === undefined) continue
    const head = latin1(segment.payload.subarray(0, 600))
    if (REQUEST.test(head)) {
      const exchange = begin(segment, head)
      open.set(nameOf(segment.from, segment.to), exchange)
      all.push(exchange)
      continue
    }
    const asked = open.get(nameOf(segment.from, segment.to))
    if (asked !== undefined) acknowledged(asked, segment)
    const answered = open.get(nameOf(segment.to, segment.from))
    const status = STATUS.exec(head)?.[1]
    if (answered !== undefined && status !== undefined) {
      answered.status ??= Number(status)
      answered.endedAtMs = segment.atMs
    }
  }
  return all.map(eventOf)
}

function nameOf(client: Party, server: Party): string {
  return `${client.ip}:${client.port}-${server.ip}:${server.port}`
}

function begin(segment: Segment, head: string): Exchange {
  return {
    segment,
    line: (head.split(/\r?\n/, 1)[0] ?? '').replace(/ HTTP\/1\.[01]$/, ''),
    status: undefined,
    ackAtStart: segment.tcp?.ack ?? 0,
    bytes: 0,
    endedAtMs: segment.atMs,
  }
}

/** Counted modulo 2^32, and never backwards: acknowledgements may be repeated or arrive out of order. */
function acknowledged(exchange: Exchange, { tcp, atMs }: Segment): void {
  if (tcp === undefined) return
  const bytes = (tcp.ack - exchange.ackAtStart) >>> 0
  if (bytes <= exchange.bytes || bytes >= 2 ** 31) return
  exchange.bytes = bytes
  exchange.endedAtMs = atMs
}

function eventOf({ segment, line, status, bytes, endedAtMs }: Exchange): HttpEvent {
  const { atMs, from, to } = segment
  return { kind: 'http', atMs, client: from.ip, server: to.ip, request: line, status, bytes, endedAtMs }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
