import * as z from 'zod'
import { Ipv4 } from '../../config/values/ipv4.ts'
import { Mac } from '../../config/values/mac.ts'
import { StageName } from '../../protocol/boot.ts'

const FREE_TEXT_BYTES = 64

/** Text that iPXE sent as `:hexraw`; anything undecodable is empty, a machine's serial number never stops its boot. */
const HexText = z
  .string()
  .max(2 * 512)
  .optional()
  .transform(hex => (hex !== undefined && /^([0-9a-f]{2})*$/i.test(hex) ? printable(hex) : ''))

/** The query of `/v1/boot.ipxe`, which the first script sends. */
export const BootQuery = z.object({
  mac: Mac,
  ip: Ipv4.optional().catch(undefined),
  fw: z.enum(['bios', 'uefi']),
  arch: z.string().max(20).default('x86_64'),
  uuid: z.string().max(40).optional(),
  serial: HexText,
  mfg: HexText,
  product: HexText,
})
export type BootQuery = z.output<typeof BootQuery>

/** The query of `/v1/stage`, which the initrd sends. */
export const StageQuery = z.object({
  mac: Mac,
  stage: StageName,
  boot: z.string().max(64).optional(),
  detail: z.string().max(500).transform(oneLine).optional(),
})

/** The query of `/v1/boot-error`: which step of a script failed; `errno` is iPXE's error number in hex digits. */
export const BootErrorQuery = z.object({
  mac: Mac,
  step: z.string().regex(/^[a-z-]{1,20}$/),
  errno: z
    .string()
    .regex(/^[0-9a-f]{8}$/i)
    .optional()
    .catch(undefined),
})
export type BootErrorQuery = z.output<typeof BootErrorQuery>

/** Anybody may send it and people read it on a terminal, which would obey control characters. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ')
}

function printable(hex: string): string {
  const octets = hex.match(/../g) ?? []
  const text = octets
    .slice(0, FREE_TEXT_BYTES)
    .map(pair => String.fromCharCode(Number.parseInt(pair, 16)))
    .join('')
  return text.replace(/[^\x20-\x7e]/g, '').trim()
}
