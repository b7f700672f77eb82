import { type Finding, ok, warn } from './finding.ts'

/** Counters of the running server that mean trouble, and what to do; everything else is only shown in the status. */
const TROUBLE: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  { pattern: /^dhcp: exhausted/, remedy: 'widen dhcp.pool, or look for a machine that makes up addresses' },
  { pattern: /^dhcp: unanswered/, remedy: 'see the log: the disk or the network refused' },
  { pattern: /^dhcp: dropped: no subnet/, remedy: 'a relay speaks for a network that is not configured' },
  { pattern: /^dhcp: dropped: too many/, remedy: 'somebody floods: godwit capture shows who' },
  { pattern: /^tftp: dropped: too many/, remedy: 'raise the limits under tftp, or look for a flood' },
  { pattern: /^http: failed/, remedy: 'see the log of godwit serve' },
  {
    pattern: /^tftp: .*(timeout|socket error)/,
    remedy: 'look at cable and switch of the machines that time out',
  },
  { pattern: /unreadable/, remedy: 'see the log: a record of the database does not fit its schema' },
]

/** One finding for each counter that means trouble, or one that says there is none. */
export function judgeCounters(counters: Readonly<Record<string, number>>): readonly Finding[] {
  const troubles = Object.entries(counters).flatMap(([name, count]) => {
    const trouble = TROUBLE.find(({ pattern }) => pattern.test(name))
    return trouble === undefined ? [] : [warn('counters', `${name}: ${count} times`, trouble.remedy)]
  })
  const total = Object.values(counters).reduce((sum, count) => sum + count, 0)
  return troubles.length > 0 ? troubles : [ok('counters', `${total} events counted, none that means trouble`)]
}
