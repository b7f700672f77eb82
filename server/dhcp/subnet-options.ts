import type { ExtraOption } from '../../config/dhcp-subnets.ts'
import { broadcastOf, type Cidr, netmaskOf } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import { OPTION } from './options/code.ts'
import { ips, text } from './options/value.ts'
import type { OptionPairs } from './ordered-options.ts'

/** The options all machines of a subnet get alike, as octets made once. */
export type SubnetOptions = {
  /** Mask and broadcast (some ROMs forget to ask), and what the configuration says is sent unasked. */
  readonly always: OptionPairs
  /** What a machine gets if it asks for it, or asks for nothing in particular. */
  readonly whenAsked: OptionPairs
}

/** Makes the options of the subnet `link` from its configuration. */
export function subnetOptions(
  link: Cidr,
  config: {
    readonly router?: Ipv4 | undefined
    readonly dns: readonly Ipv4[]
    readonly domain?: string | undefined
    readonly options: readonly ExtraOption[]
  },
): SubnetOptions {
  const { router, dns, domain, options } = config
  const extra = (always: boolean): OptionPairs =>
    options.filter(each => each.always === always).map(each => [each.code, extraValue(each)])
  return {
    always: [
      [OPTION.subnetMask, ips([netmaskOf(link.prefixLength)])],
      [OPTION.broadcast, ips([broadcastOf(link)])],
      ...extra(true),
    ],
    whenAsked: [
      ...(router === undefined ? [] : [[OPTION.router, ips([router])] as const]),
      ...(dns.length === 0 ? [] : [[OPTION.dns, ips(dns)] as const]),
      ...(domain === undefined ? [] : [[OPTION.domain, text(domain)] as const]),
      ...extra(false),
    ],
  }
}

function extraValue({ text: words, hex, ips: addresses }: ExtraOption): Uint8Array {
  if (addresses !== undefined) return ips(addresses)
  if (words !== undefined) return text(words)
  const pairs = hex?.match(/../g) ?? []
  return Uint8Array.from(pairs, pair => Number.parseInt(pair, 16))
}
