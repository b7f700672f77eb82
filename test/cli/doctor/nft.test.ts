import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { NftRuleset, verdictFor } from '../../../cli/doctor/nft.ts'

/** What nft 1.0.6 printed for: ct established, lo and br* accepted, eth1 jumps to a chain of ports, then reject. */
const RECORDED = NftRuleset.parse(
  JSON.parse(readFileSync(new URL('../../fixtures/nft/jump-and-reject.json', import.meta.url), 'utf8')),
)

describe('a recorded ruleset', () => {
  it.each([
    ['eth1', 'udp', 67, 'accept'],
    ['eth1', 'udp', 4011, 'accept'],
    ['eth1', 'udp', 68, 'drop'],
    ['eth1', 'tcp', 7080, 'accept'],
    ['eth1', 'tcp', 67, 'drop'],
    ['eth2', 'udp', 67, 'drop'],
    ['br0', 'udp', 67, 'accept'],
    ['br0', 'udp', 69, 'drop'],
    ['eth1', 'tcp', 22, 'unclear'],
  ] as const)('on %s %s/%d: %s', (device, protocol, port, verdict) => {
    expect(verdictFor(RECORDED, { device, protocol, port })).toBe(verdict)
  })
})

const PROBE = { device: 'eth1', protocol: 'udp', port: 67 } as const
const UNREAD = { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: 'x' } }
const port = (right: unknown, op = '==') => ({
  match: { op, left: { payload: { protocol: 'udp', field: 'dport' } }, right },
})

/** The verdict on DHCP by one input chain of these rules. */
function verdict(policy: string, ...rules: readonly (readonly object[])[]) {
  const place = { family: 'inet', table: 't' }
  const chain = { ...place, name: 'in', hook: 'input', policy }
  const items = rules.map(expr => ({ rule: { ...place, chain: 'in', expr } }))
  return verdictFor(NftRuleset.parse({ nftables: [{ chain }, ...items] }), PROBE)
}

describe('one chain', () => {
  it.each([
    ['nothing but its policy', 'drop', [], 'drop'],
    ['a rule for us before it', 'drop', [[port(67), { accept: null }]], 'accept'],
    ['a rule for others', 'drop', [[port(68), { accept: null }]], 'drop'],
    ['everybody but us', 'drop', [[port(67, '!='), { accept: null }]], 'drop'],
    ['an accept on a condition we cannot read', 'drop', [[UNREAD, { accept: null }]], 'unclear'],
    ['a drop on one', 'accept', [[UNREAD, { drop: null }]], 'unclear'],
    [
      'a certain accept before it',
      'accept',
      [
        [port(67), { accept: null }],
        [UNREAD, { drop: null }],
      ],
      'accept',
    ],
    ['a limit', 'drop', [[port(67), { limit: { rate: 5 } }, { accept: null }]], 'unclear'],
    ['a verdict map', 'accept', [[{ vmap: {} }]], 'unclear'],
    ['a rule that only counts', 'accept', [[port(67), { counter: {} }]], 'accept'],
    ['a jump to nowhere', 'accept', [[{ jump: { target: 'nix' } }]], 'accept'],
  ] as const)('%s', (_what, policy, rules, expected) => {
    expect(verdict(policy, ...rules)).toBe(expected)
  })

  it('that returns ends there', () => {
    expect(verdict('drop', [{ return: null }], [{ accept: null }])).toBe('drop')
  })

  it('that jumps to itself comes to an end', () => {
    expect(verdict('accept', [{ jump: { target: 'in' } }])).toBe('accept')
  })
})
