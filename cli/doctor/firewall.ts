import { type Finding, fail, ok, skipped, warn } from './finding.ts'
import { NftRuleset, verdictFor } from './nft.ts'
import type { NeededPort } from './ports.ts'

/** What the host's packet filter says, as far as this user may ask; `undefined` when the tool is not there. */
export type FilterState = {
  /** Output of `nft -j list ruleset`, which also shows what iptables-nft set. */
  readonly nft: string | undefined
  /** Output of `iptables -S INPUT`. */
  readonly iptables: string | undefined
  /** Output of `ufw status`. */
  readonly ufw: string | undefined
  /** Output of `firewall-cmd --state`. */
  readonly firewalld: string | undefined
}

const CHECK = 'firewall'
const REMEDY = "let these in from the machines' interface; with ufw: ufw allow in on IFACE"

/**
 * Whether packets of machines to our ports are dropped on `device`. nft's rules are followed as the kernel does; of
 * iptables only policy, last rule and port numbers are read, so that its warning says "look", and never more.
 */
export function judgeFirewall(state: FilterState, ports: readonly NeededPort[], device: string): Finding {
  const { nft, iptables, ufw, firewalld } = state
  if ([nft, iptables, ufw, firewalld].every(output => output === undefined))
    return skipped(
      CHECK,
      'nft and iptables are missing or refuse to answer',
      'run godwit doctor as root, with the package nftables installed',
    )
  return (
    judgeNft(nft, ports, device) ??
    judgeNames(state, ports) ??
    ok(CHECK, `lets incoming packets in on ${device}`)
  )
}

/** The first thing wrong by nft's rules; `undefined` when they let everything in, or are not known. */
function judgeNft(
  text: string | undefined,
  ports: readonly NeededPort[],
  device: string,
): Finding | undefined {
  const ruleset = NftRuleset.safeParse(parseJson(text)).data
  if (ruleset === undefined) return undefined
  const withVerdict = (wanted: string) =>
    ports
      .filter(({ protocol, port }) => verdictFor(ruleset, { protocol, port, device }) === wanted)
      .map(({ protocol, port }) => `${port}/${protocol}`)
      .join(', ')
  const [dropped, unclear] = [withVerdict('drop'), withVerdict('unclear')]
  if (dropped !== '') return fail(CHECK, `nftables drops ${dropped} on ${device}`, REMEDY)
  if (unclear === '') return undefined
  return warn(CHECK, `nftables may drop ${unclear} on ${device}, on conditions not read here`, REMEDY)
}

/** What iptables, ufw and firewalld drop unless a rule names the port. */
function judgeNames(state: FilterState, ports: readonly NeededPort[]): Finding | undefined {
  const { iptables, ufw, firewalld } = state
  const closed = [
    ...(iptables !== undefined && dropsByIptables(iptables) ? ['iptables'] : []),
    ...(ufw !== undefined && /^Status: active/m.test(ufw) ? ['ufw'] : []),
    ...(firewalld?.trim() === 'running' ? ['firewalld'] : []),
  ]
  const rules = [iptables, ufw].join('\n')
  const missing = ports.filter(({ port }) => !new RegExp(`\\b${port}\\b`).test(rules))
  if (closed.length === 0) return undefined
  if (missing.length === 0) return ok(CHECK, `${closed.join(', ')} filters, with rules for our ports`)
  const names = missing.map(({ port, protocol }) => `${port}/${protocol}`).join(', ')
  return warn(CHECK, `${closed.join(', ')} drops what no rule lets in, and no rule names ${names}`, REMEDY)
}

function dropsByIptables(rules: string): boolean {
  return /^-P INPUT (DROP|REJECT)/m.test(rules) || /^-A INPUT -j (DROP|REJECT)/m.test(rules)
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
