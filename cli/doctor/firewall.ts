import { type Finding, ok, skipped, warn } from './finding.ts'
import type { NeededPort } from './ports.ts'

/** What the host's packet filter says, as far as this user may ask; `undefined` when the tool is not there. */
export type FilterState = {
  /** Output of `nft list ruleset`, which also shows what iptables-nft set. */
  readonly nft: string | undefined
  /** Output of `iptables-legacy -S INPUT` or `iptables -S INPUT`. */
  readonly iptables: string | undefined
  /** Output of `ufw status`. */
  readonly ufw: string | undefined
}

const CHECK = 'firewall'

/**
 * Whether incoming packets to our ports may be dropped. It reads policies and rules that name our ports; it does not
 * follow jumps, so a warning says "look", and never more.
 */
export function judgeFirewall(state: FilterState, ports: readonly NeededPort[]): Finding {
  if (state.nft === undefined && state.iptables === undefined && state.ufw === undefined)
    return skipped(
      CHECK,
      'nft and iptables are missing or refuse to answer',
      'run godwit doctor as root, with the package nftables installed',
    )
  const closed = [
    ...(state.nft !== undefined && dropsByNft(state.nft) ? ['nftables'] : []),
    ...(state.iptables !== undefined && dropsByIptables(state.iptables) ? ['iptables'] : []),
    ...(state.ufw !== undefined && /^Status: active/m.test(state.ufw) ? ['ufw'] : []),
  ]
  if (closed.length === 0) return ok(CHECK, 'lets incoming packets in')
  const rules = [state.nft, state.iptables, state.ufw].join('\n')
  const missing = ports.filter(({ port }) => !new RegExp(`\\b${port}\\b`).test(rules))
  if (missing.length === 0) return ok(CHECK, `${closed.join(', ')} filters, with rules for our ports`)
  const names = missing.map(({ port, protocol }) => `${port}/${protocol}`).join(', ')
  return warn(
    CHECK,
    `${closed.join(', ')} drops what no rule lets in, and no rule names ${names}`,
    `let these in from the machines' interface; with ufw: ufw allow in on IFACE`,
  )
}

/** A base chain of the input hook whose policy is drop, or that ends in a bare drop or reject. */
function dropsByNft(ruleset: string): boolean {
  const chains = [...ruleset.matchAll(/chain [^{]+\{([^}]*)\}/g)].map(match => match[1] ?? '')
  return chains
    .filter(chain => /hook input/.test(chain))
    .some(chain => /policy drop/.test(chain) || /^\s*(counter[^\n]*)?(drop|reject[^\n]*)\s*$/m.test(chain))
}

function dropsByIptables(rules: string): boolean {
  return /^-P INPUT (DROP|REJECT)/m.test(rules) || /^-A INPUT -j (DROP|REJECT)/m.test(rules)
}
