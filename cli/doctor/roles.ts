import type { ServerStatus } from '../../protocol/admin.ts'
import { type Finding, ok, warn } from './finding.ts'

/** What the running server is for DHCP on each link and why, and what it wants an operator to know. */
export function judgeRoles(links: ServerStatus['links']): readonly Finding[] {
  return links.flatMap(({ interface: name, dhcp }) => {
    if (dhcp === null) return []
    const alarms = dhcp.alarms.map(text =>
      warn(`alarm on ${name}`, text, 'once it is settled, restart godwit: an alarm stays until then'),
    )
    const role = dhcp.role === 'nothing' ? 'nothing yet' : dhcp.role
    return [ok(`DHCP role on ${name}`, `${role}: ${dhcp.why}`), ...alarms]
  })
}
