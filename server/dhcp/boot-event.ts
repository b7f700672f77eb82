import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { BootEvent, StageName } from '../../protocol/boot.ts'
import type { Role } from './boot-options.ts'
import type { BootTurn } from './frozen-boot.ts'
import { archName } from './options/client-arch.ts'
import type { Request } from './request.ts'

/** An answer to firmware or loader; `ip` is its address where we know it. */
export type BootReply = { readonly kind: 'offer' | 'ack'; readonly ip?: Ipv4 | undefined }

/**
 * The line an answer adds to the machine's boot timeline: an OFFER or ACK to firmware or loader. The loader's
 * own ACK is the stage `ipxe`; a proxy, which never acknowledges its lease, says so with the offer. `undefined` for
 * systems.
 */
export function bootEventOf(
  { kind, ip }: BootReply,
  request: Request,
  { stage, boot }: BootTurn,
  nowMs: number,
  role: Role = 'only',
): BootEvent | undefined {
  if (stage === 'os') return undefined
  const isLast = kind === 'ack' || (stage === 'ipxe' && role === 'proxy')
  const name: StageName = !isLast ? 'dhcp-offer' : stage === 'ipxe' ? 'ipxe' : 'dhcp-ack'
  const { arch, firmware } = request.client
  const detail = `${stage} ${archName(arch)} -> ${boot?.file ?? 'nothing to boot'}`
  const event = { mac: request.mac, stage: name, atMs: nowMs, detail, firmware }
  return ip === undefined ? event : Object.assign(event, { ip })
}
