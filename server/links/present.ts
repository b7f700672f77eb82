import * as z from 'zod'
import { Ipv4 } from '../../config/values/ipv4.ts'
import type { PresentAddress } from './link.ts'

/** What we read of `ip -json -4 address show up` (iproute2 6.1). */
const Devices = z.array(
  z.object({
    ifindex: z.number().int().optional(),
    ifname: z.string().optional(),
    addr_info: z.array(z.object({ local: Ipv4, prefixlen: z.number().int().min(0).max(32) })).default([]),
  }),
)

/**
 * The addresses in that output, in the kernel's order: a NIC's primary address comes first. Throws SyntaxError or
 * ZodError when it is something else. Devices outside the filter are printed as empty objects.
 */
export function presentAddresses(json: string): readonly PresentAddress[] {
  return Devices.parse(JSON.parse(json)).flatMap(({ ifindex, ifname, addr_info }) =>
    ifindex === undefined || ifname === undefined
      ? []
      : addr_info.map(({ local, prefixlen }) => ({
          interface: ifname,
          index: ifindex,
          cidr: { address: local, prefixLength: prefixlen },
        })),
  )
}
