import { type Finding, fail, ok, skipped, warn } from './finding.ts'

/** An OFFER as the witness (npm `dhcp`, somebody else's codec) read it. */
export type SeenOffer = {
  /** The client architecture that was asked for (RFC 4578 §2.1). */
  readonly arch: number
  /** Option 54, or the sender where it is missing. */
  readonly server: string
  /** `yiaddr`; 0.0.0.0 from a proxy. */
  readonly address: string
  readonly nextServer: string
  /** The header's `file`, else option 67. */
  readonly file: string
}

/** What the LAN answered to a DISCOVER as PXE firmware sends it. */
export type LanAnswer =
  | { readonly kind: 'offers'; readonly offers: readonly SeenOffer[] }
  | { readonly kind: 'unasked'; readonly reason: string; readonly remedy: string }

/** Who we are on this LAN, and how the server means to behave there; `undefined` when no server runs. */
export type OwnRole = { readonly address: string; readonly mode: string | undefined }

/** A machine the doctor stands for. */
export type Machine = { readonly arch: number; readonly what: string }

/** The two that nearly every PC is. */
export const MACHINES: readonly Machine[] = [
  { arch: 7, what: 'x64 UEFI' },
  { arch: 0, what: 'BIOS' },
]

/** Other DHCP servers on the LAN of `name`: dangerous beside a leasing server, needed by a proxy. */
export function judgeOtherServers(name: string, answer: LanAnswer, own: OwnRole): Finding {
  const check = `DHCP on ${name}`
  if (answer.kind === 'unasked') return skipped(check, answer.reason, answer.remedy)
  const others = answer.offers.filter(offer => offer.server !== own.address)
  const leasing = others.filter(offer => offer.address !== '0.0.0.0')
  const listed = (offers: readonly SeenOffer[]) => [...new Set(offers.map(offer => offer.server))].join(', ')
  if (own.mode === 'authoritative' && leasing.length > 0)
    return fail(
      check,
      `${listed(leasing)} leases addresses too, beside our own server`,
      'stop that server, or set dhcp.mode to auto or proxy',
    )
  if (own.mode === 'proxy' && leasing.length === 0)
    return warn(
      check,
      'nobody leases addresses here, and our server only adds boot information',
      'start that DHCP server again, or set dhcp.mode to auto or authoritative; restart godwit serve then',
    )
  const booting = others.filter(offer => offer.file !== '')
  if (booting.length > 0)
    return warn(
      check,
      `${listed(booting)} sends a boot file too (${booting[0]?.file}); machines may take that one`,
      'clear options 66, 67 and the next server there',
    )
  if (leasing.length > 0) return ok(check, `${listed(leasing)} leases addresses`)
  return ok(check, 'no other DHCP server answers')
}

/** Whether our own running server invites a PXE machine, and with a file. */
export function judgeOwnOffer(
  name: string,
  answer: LanAnswer,
  own: OwnRole,
  { arch, what }: Machine,
): Finding {
  const check = `PXE offer on ${name}, ${what}`
  if (answer.kind === 'unasked') return skipped(check, answer.reason, answer.remedy)
  if (own.mode === undefined) return skipped(check, 'no server runs here')
  if (own.mode === 'off') return skipped(check, 'dhcp.mode is off')
  if (own.mode === 'nothing')
    return skipped(check, 'the server still looks for others', 'run godwit doctor again in half a minute')
  const offer = answer.offers.find(each => each.server === own.address && each.arch === arch)
  if (offer === undefined)
    return fail(
      check,
      `no answer from ${own.address} to a DISCOVER as ${what} firmware sends it`,
      'see the DHCP counters below and the log of godwit serve; is the pool full?',
    )
  if (offer.file === '')
    return fail(check, `${own.address} names no boot file`, 'see the log: loaders or image missing?')
  return ok(check, `${own.address} offers ${offer.address}, file ${offer.file} at ${offer.nextServer}`)
}

/** The files that our own server invites machines to fetch by TFTP, each once. */
export function invitedFiles(answer: LanAnswer, own: OwnRole): readonly string[] {
  const offers = answer.kind === 'offers' ? answer.offers : []
  const files = offers.filter(({ server }) => server === own.address).map(({ file }) => file)
  return [...new Set(files)].filter(file => file !== '' && !/^https?:/.test(file))
}
