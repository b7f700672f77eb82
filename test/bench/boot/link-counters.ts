import * as z from 'zod'
import type { Figures } from '../stats.ts'

const Counter = z.object({ bytes: z.number(), packets: z.number() })
const LinkStatistics = z.tuple([z.object({ stats64: z.object({ rx: Counter, tx: Counter }) })])

/**
 * What one machine was sent and sent itself, from `ip -json -statistics link show dev TAP`. A tap transmits towards
 * the machine. Ethernet headers count; of TCP segments that the kernel hands over in one piece (the machine's virtio
 * card lets it) only one header does. Throws when the text is something else.
 */
export function linkFigures(json: string): Figures {
  const [{ stats64 }] = LinkStatistics.parse(JSON.parse(json))
  return {
    bytesSent: stats64.tx.bytes,
    framesSent: stats64.tx.packets,
    bytesReceived: stats64.rx.bytes,
  }
}
