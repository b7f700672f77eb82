import type { BootEvent, StageName } from '../../protocol/boot.ts'
import type { Decision } from './decision.ts'
import type { BootTurn } from './frozen-boot.ts'
import { archName } from './options/client-arch.ts'
import type { Request } from './request.ts'

/**
 * The line an answer adds to the machine's boot timeline: an OFFER or ACK to firmware or loader. The loader's
 * own ACK is the stage `ipxe`. `undefined` for systems and for everything that is no answer.
 */
export function bootEventOf(
  decision: Decision,
  request: Request,
  { stage, boot }: BootTurn,
  nowMs: number,
): BootEvent | undefined {
  if (stage === 'os' || (decision.kind !== 'offer' && decision.kind !== 'ack')) return undefined
  const name: StageName = decision.kind === 'offer' ? 'dhcp-offer' : stage === 'ipxe' ? 'ipxe' : 'dhcp-ack'
  const { arch, firmware } = request.client
  return {
    mac: request.mac,
    stage: name,
    atMs: nowMs,
    detail: `${stage} ${archName(arch)} -> ${boot?.file ?? 'nothing to boot'}`,
    firmware,
    ip: decision.ip,
  }
}
