import * as z from 'zod'

/** One expression of a rule: an object whose key says what it is, e.g. `{ "accept": null }`. */
const Expression = z.record(z.string(), z.unknown())
type Expression = z.output<typeof Expression>

const Chain = z.object({
  family: z.string(),
  table: z.string(),
  name: z.string(),
  hook: z.string().optional(),
  policy: z.string().optional(),
})
type Chain = z.output<typeof Chain>

const Rule = z.object({ family: z.string(), table: z.string(), chain: z.string(), expr: z.array(Expression) })
type Rule = z.output<typeof Rule>

/** What `nft -j list ruleset` prints (libnftables-json(5)): chains, rules, and things that do not matter here. */
export const NftRuleset = z.object({
  nftables: z.array(z.looseObject({ chain: Chain.optional(), rule: Rule.optional() })),
})
type NftRuleset = z.output<typeof NftRuleset>

/** The first packet of a conversation with one of our ports. */
export type Probe = { readonly protocol: 'udp' | 'tcp'; readonly port: number; readonly device: string }

/** What becomes of it; `unclear` where a condition decides that we do not read. */
export type Verdict = 'accept' | 'drop' | 'unclear'

/** Ways out of a chain; `fall`: no rule decides. */
type Outcome = 'accept' | 'drop' | 'fall'
/** What a rule does; `fall`: the next one is asked, `return`: none after it in this chain. */
type Effect = Outcome | 'return'

/** What happens to `probe` on its way in: every chain of the input hook must let it pass. */
export function verdictFor({ nftables }: NftRuleset, probe: Probe): Verdict {
  const chains = nftables.flatMap(({ chain }) => chain ?? [])
  const rules = nftables.flatMap(({ rule }) => rule ?? [])
  const ends = chains
    .filter(({ family, hook }) => hook === 'input' && (family === 'ip' || family === 'inet'))
    .map(chain => {
      const policy = chain.policy === 'drop' ? 'drop' : 'accept'
      const outcomes = [...walk(chain, { chains, rules, probe }, 0)]
      return new Set(outcomes.map(outcome => (outcome === 'fall' ? policy : outcome)))
    })
  if (ends.some(end => end.has('drop') && end.size === 1)) return 'drop'
  return ends.some(end => end.has('drop')) ? 'unclear' : 'accept'
}

type Ruleset = { readonly chains: readonly Chain[]; readonly rules: readonly Rule[]; readonly probe: Probe }

/** Deepest nesting of jumps that the kernel allows (NFT_JUMP_STACK_SIZE). */
const MOST_JUMPS = 16

/** Every way the probe may leave `chain`. */
function walk(chain: Chain, ruleset: Ruleset, depth: number): ReadonlySet<Outcome> {
  const outcomes = new Set<Outcome>()
  const inside = ruleset.rules.filter(
    rule => rule.chain === chain.name && rule.table === chain.table && rule.family === chain.family,
  )
  for (const { expr } of inside) {
    const fit = fitOf(expr, ruleset.probe)
    const own = fit === 'no' ? undefined : effectsOf(expr, chain, ruleset, depth)
    if (own === undefined) continue
    for (const effect of own) if (effect !== 'fall') outcomes.add(effect === 'return' ? 'fall' : effect)
    if (fit === 'yes' && !own.has('fall')) return outcomes
  }
  return outcomes.add('fall')
}

/** What a rule does to a packet that fits it; `undefined` when it decides nothing. */
function effectsOf(
  expr: readonly Expression[],
  chain: Chain,
  ruleset: Ruleset,
  depth: number,
): ReadonlySet<Effect> | undefined {
  const has = (key: string) => expr.some(one => key in one)
  if (has('accept')) return new Set(['accept'])
  if (has('drop') || has('reject')) return new Set(['drop'])
  if (has('return')) return new Set(['return'])
  if (has('vmap') || has('queue')) return new Set(['accept', 'drop', 'fall'])
  const jump = expr.map(one => one['jump'] ?? one['goto']).find(target => target !== undefined)
  const { target } = (jump ?? {}) as { readonly target?: string }
  const next = ruleset.chains.find(({ name, table }) => name === target && table === chain.table)
  if (next === undefined || depth === MOST_JUMPS) return undefined
  const effects = walk(next, ruleset, depth + 1)
  return has('jump') ? effects : new Set([...effects].map(effect => (effect === 'fall' ? 'return' : effect)))
}

type Fit = 'yes' | 'no' | 'perhaps'

/** Expressions that are no conditions. */
const ACTIONS: ReadonlySet<string> = new Set([
  ...['accept', 'drop', 'reject', 'return', 'jump', 'goto', 'vmap', 'queue', 'counter', 'log', 'mangle'],
])

function fitOf(expr: readonly Expression[], probe: Probe): Fit {
  const fits = expr.map(one => {
    if ('match' in one) return fitOfMatch(one['match'] as Match, probe)
    return Object.keys(one).every(key => ACTIONS.has(key)) ? 'yes' : 'perhaps'
  })
  if (fits.includes('no')) return 'no'
  return fits.includes('perhaps') ? 'perhaps' : 'yes'
}

type Match = { readonly op?: string; readonly left?: unknown; readonly right?: unknown }
type Left = {
  readonly payload?: { readonly protocol?: string; readonly field?: string }
  readonly meta?: { readonly key?: string }
  readonly ct?: { readonly key?: string }
}

function fitOfMatch({ op, left, right }: Match, probe: Probe): Fit {
  const { payload, meta, ct } = (left ?? {}) as Left
  const judge = (value: string | number): Fit => (isAmong(right, value) === (op !== '!=') ? 'yes' : 'no')
  if (payload?.field === 'dport')
    return payload.protocol === 'th' || payload.protocol === probe.protocol ? judge(probe.port) : 'no'
  if (payload?.field === 'protocol' || meta?.key === 'l4proto') return judge(probe.protocol)
  if (meta?.key === 'iifname' || meta?.key === 'iif') return judge(probe.device)
  if (ct?.key === 'state') return judge('new')
  return 'perhaps'
}

/** Whether a value, list, set, range or `eth*` of nft's JSON has `value` in it. */
function isAmong(right: unknown, value: string | number): boolean {
  if (Array.isArray(right)) return right.some(one => isAmong(one, value))
  if (typeof right === 'object' && right !== null) {
    const { set, range } = right as { readonly set?: unknown; readonly range?: readonly [number, number] }
    if (range === undefined) return set !== undefined && isAmong(set, value)
    return typeof value === 'number' && value >= range[0] && value <= range[1]
  }
  if (typeof right === 'string' && right.endsWith('*')) return String(value).startsWith(right.slice(0, -1))
  return right === value
}
