import * as z from 'zod'
import { Cidr } from './values/cidr.ts'
import { Ipv4 } from './values/ipv4.ts'
import { Mac } from './values/mac.ts'

/** One machine's fixed address. */
export const Reservation = z.strictObject({
  mac: Mac.describe('Ethernet address of the machine'),
  ip: Ipv4.describe('Address it always gets; may lie outside the pool, not outside the subnet'),
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i)
    .optional()
    .describe('Host name it gets'),
})

/** The addresses of a subnet that may be leased. */
export const Pool = z.strictObject({
  start: Ipv4.describe('First address to lease'),
  end: Ipv4.describe('Last address to lease'),
})

/** A network that reaches the server through a relay agent (RFC 1542 §4.1). */
export const RelayedSubnet = z.strictObject({
  subnet: Cidr.describe("The network, e.g. 10.80.0.0/24; the relay's own address (giaddr) lies in it"),
  pool: Pool.optional().describe('Addresses to lease; without it, the upper half of the subnet'),
  router: Ipv4.optional().describe('Default gateway there; none when omitted'),
  dns: z.array(Ipv4).max(8).optional().describe('Name servers there; without it, those of `dhcp.dns`'),
  domain: z.string().max(253).optional().describe('DNS domain there; without it, that of `dhcp.domain`'),
  strictClientId: z.boolean().optional().describe('As `dhcp.strictClientId`, for this subnet'),
  reservations: z.array(Reservation).default([]).describe('Fixed addresses by MAC'),
  exclude: z.array(Ipv4).default([]).describe('Addresses in the pool that are never leased'),
})

/** Codes that an answer's own logic fills in, or that answers never hold (RFC 2131 Table 3). */
const OURS: ReadonlySet<number> = new Set([
  0, 1, 3, 6, 28, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 61, 82, 97, 118, 175, 255,
])

/** An option that the server knows nothing of, sent as it is configured. */
export const ExtraOption = z
  .strictObject({
    code: z
      .number()
      .int()
      .min(0)
      .max(255)
      .refine(code => !OURS.has(code), 'this option is filled in by the server itself')
      .describe('Number of the option, RFC 2132'),
    text: z
      .string()
      .regex(/^[ -~]+$/)
      .max(1000)
      .optional()
      .describe('Value as ASCII text'),
    hex: z
      .string()
      .regex(/^([0-9a-f]{2})+$/i)
      .max(2000)
      .optional()
      .describe('Value as hex digits'),
    ips: z.array(Ipv4).min(1).max(60).optional().describe('Value as addresses'),
    always: z.boolean().default(false).describe('Send it unasked too'),
  })
  .refine(
    ({ text, hex, ips }) => [text, hex, ips].filter(value => value !== undefined).length === 1,
    'an option has one of text, hex and ips',
  )
export type ExtraOption = z.output<typeof ExtraOption>
