import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { Stage } from '../../server/dhcp/request.ts'

/** A DHCP message as it matters for a boot. */
export type DhcpEvent = {
  readonly kind: 'dhcp'
  readonly atMs: number
  readonly mac: Mac
  /** `DISCOVER`, `OFFER`, …; `BOOTP` without a type. */
  readonly message: string
  readonly from: Ipv4
  /** Asked on or answered from port 4011. */
  readonly bootServer: boolean
  /** Of requests: who runs the DHCP client. */
  readonly stage: Stage | undefined
  /** Of requests: `x64`, `bios`, … */
  readonly arch: string | undefined
  /** Of answers: option 54. */
  readonly server: Ipv4 | undefined
  /** Of answers: the address given, 0.0.0.0 from a proxy. */
  readonly address: Ipv4
  /** Of answers: the boot file, in the header or option 67. */
  readonly file: string
  readonly nextServer: Ipv4
  /** Codes of the options that firmware looks at (43, 60, 66, 67, 97, 175). */
  readonly bootOptions: readonly number[]
}

/** One file by TFTP, from the request to its end. */
export type TftpEvent = {
  readonly kind: 'tftp'
  readonly atMs: number
  readonly client: Ipv4
  readonly server: Ipv4
  readonly file: string
  /** Options as asked, and as acknowledged. */
  readonly asked: readonly string[]
  readonly agreed: readonly string[]
  readonly bytes: number
  readonly blocks: number
  readonly repeatedBlocks: number
  readonly endedAtMs: number
  readonly outcome: 'complete' | 'size asked only' | 'refused' | 'aborted' | 'no answer' | 'broke off'
  /** The text of an ERROR. */
  readonly error: string | undefined
}

/** One request by HTTP and what came of it. */
export type HttpEvent = {
  readonly kind: 'http'
  readonly atMs: number
  readonly client: Ipv4
  readonly server: Ipv4
  readonly request: string
  /** `undefined` when no answer was captured. */
  readonly status: number | undefined
  /** Octets of the answer that the client acknowledged, headers included. */
  readonly bytes: number
  readonly endedAtMs: number
}

/** One thing that happened in a boot. */
export type CaptureEvent = DhcpEvent | TftpEvent | HttpEvent

/** Where a finished event leaves off: DHCP messages take no time. */
export function endOf(event: CaptureEvent): number {
  return event.kind === 'dhcp' ? event.atMs : event.endedAtMs
}
