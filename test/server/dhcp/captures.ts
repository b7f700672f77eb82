import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Source } from '../../../server/dhcp/packet.ts'

const Captures = z.record(
  z.string(),
  z.object({ desc: z.string(), src: z.string(), dst: z.string(), len: z.number(), hex: z.string() }),
)

const file = new URL('../../fixtures/dhcp/captures.json', import.meta.url)
const all = Captures.parse(JSON.parse(readFileSync(file, 'utf8')))

/** Names of the recorded DHCP datagrams; the TFTP ones are in the same file. */
export const dhcpCaptureNames = Object.keys(all).filter(name => name.startsWith('dhcp_'))

/** The UDP payload of a recorded client datagram. */
export function captureBytes(name: string): Uint8Array {
  return Uint8Array.from(Buffer.from(all[name]?.hex ?? '', 'hex'))
}

/** Where the recorded datagram came from. */
export function captureSource(name: string): Source {
  const [address, port] = (all[name]?.src ?? '').split(':')
  const delivery = all[name]?.dst.startsWith('255.255.255.255') ? 'broadcast' : 'unicast'
  return { address: Ipv4.parse(address), port: Number(port), delivery }
}
