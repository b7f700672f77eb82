import type { Ipv4 } from '../../config/values/ipv4.ts'

/** What we are on a link: `nothing` until that is known. */
export type LinkRole = 'nothing' | 'authoritative' | 'proxy'

/** What we are and why, and what an operator must know of it. */
export type LinkStatus = {
  readonly role: LinkRole
  /** A clause: `nobody else answered 3 probes`. */
  readonly why: string
  /** Other DHCP servers heard on the link. */
  readonly servers: readonly Ipv4[]
  /** One sentence each; they stay until the server is restarted. */
  readonly alarms: readonly string[]
}
