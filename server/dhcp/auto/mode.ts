import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { LinkRole } from '../link-role.ts'

/** What we know of other DHCP servers on a link, and what we are because of it. */
export type ModeState = {
  readonly role: LinkRole
  /** Why, as a clause. */
  readonly why: string
  /** Probes in a row that nobody answered. */
  readonly silentProbes: number
  /** When the last server was heard, or the silence began; ms. */
  readonly heardAtMs: number
  /** Other servers heard since the start, the first one first. */
  readonly servers: readonly Ipv4[]
  readonly saidGone: boolean
}

/** What may change it. */
export type ModeEvent =
  /** A probe came back with an offer, or ended without one. */
  | { readonly kind: 'answered'; readonly server: Ipv4; readonly nowMs: number }
  | { readonly kind: 'silent'; readonly nowMs: number }
  /** A probe could not be made at all. */
  | { readonly kind: 'impossible'; readonly reason: string; readonly nowMs: number }
  /** Another server was overheard: it answered somebody, or somebody chose it. */
  | { readonly kind: 'overheard'; readonly server: Ipv4; readonly nowMs: number }

/** What to do about it, in order. */
export type ModeAction =
  | { readonly kind: 'serve'; readonly role: LinkRole; readonly why: string }
  | { readonly kind: 'probe'; readonly inMs: number }
  /** Something an operator must know: two servers are on one LAN. */
  | { readonly kind: 'alarm'; readonly server: Ipv4; readonly text: string }
  | { readonly kind: 'say'; readonly text: string }

/** The state after an event, and what to do. */
export type ModeStep = { readonly state: ModeState; readonly actions: readonly ModeAction[] }

/** Silent probes before we believe that we are alone: one may be lost, or the switch port may just have come up. */
export const PROBES_BEFORE_LEASING = 3
/** Time between probes once we are something. */
export const WATCH_MS = 60_000
/** Silence after which the other server may be called gone. */
export const GONE_MS = 600_000
/** Servers remembered. */
const MAX_SERVERS = 8

/** Nothing is known: ask. */
export function startMode(nowMs: number): ModeStep {
  const state: ModeState = {
    role: 'nothing',
    why: 'still looking for another DHCP server',
    silentProbes: 0,
    heardAtMs: nowMs,
    servers: [],
    saidGone: false,
  }
  return { state, actions: [{ kind: 'probe', inMs: 0 }] }
}

/**
 * The mode of `dhcp.mode: auto`. We lease only after several probes in a row that nobody answered, and stop at the
 * first sign of another server. Once one was heard we never start again by ourselves: it may be switched off for the
 * night, and its leases are still out there.
 */
export function stepMode(state: ModeState, event: ModeEvent): ModeStep {
  switch (event.kind) {
    case 'answered':
      return withProbe(met(state, event.server, event.nowMs))
    case 'overheard':
      return met(state, event.server, event.nowMs)
    case 'silent':
      return withProbe(silence(state, event.nowMs))
    case 'impossible':
      return withProbe(blind(state, event.reason))
  }
}

/** Whatever a probe brought, there is a next one: at once while we are nothing. */
function withProbe({ state, actions }: ModeStep): ModeStep {
  const inMs = state.role === 'nothing' ? 0 : WATCH_MS
  return { state, actions: [...actions, { kind: 'probe', inMs }] }
}

function met(before: ModeState, server: Ipv4, nowMs: number): ModeStep {
  const isNew = !before.servers.includes(server)
  const servers = isNew ? [...before.servers, server].slice(-MAX_SERVERS) : before.servers
  const heard = { ...before, servers, silentProbes: 0, heardAtMs: nowMs, saidGone: false }
  if (before.role === 'proxy') return { state: heard, actions: [] }
  const why = `${server} answers DHCP on this network`
  const state: ModeState = { ...heard, role: 'proxy', why }
  const serve: ModeAction = { kind: 'serve', role: 'proxy', why }
  if (before.role === 'nothing') return { state, actions: [serve] }
  const text =
    `a second DHCP server, ${server}, appeared on this network; godwit stops leasing addresses. ` +
    'Switch one of the two off: set dhcp.mode to authoritative to force godwit, or to proxy to keep the other'
  return { state, actions: [serve, { kind: 'alarm', server, text }] }
}

function silence(before: ModeState, nowMs: number): ModeStep {
  const silentProbes = before.silentProbes + 1
  const state = { ...before, silentProbes }
  const mayLease = before.role === 'nothing' || (before.role === 'proxy' && before.servers.length === 0)
  if (mayLease && silentProbes >= PROBES_BEFORE_LEASING) {
    const why = `nobody else answered ${silentProbes} probes`
    return {
      state: { ...state, role: 'authoritative', why },
      actions: [{ kind: 'serve', role: 'authoritative', why }],
    }
  }
  const isGone = before.role === 'proxy' && !before.saidGone && nowMs - before.heardAtMs >= GONE_MS
  if (!isGone) return { state, actions: [] }
  const text =
    'no other DHCP server was heard for ten minutes; if it is gone for good, restart godwit (it probes again) or set ' +
    'dhcp.mode to authoritative'
  return { state: { ...state, saidGone: true }, actions: [{ kind: 'say', text }] }
}

/** Who cannot ask must not lease; who leases already keeps on, since others are still overheard. */
function blind(before: ModeState, reason: string): ModeStep {
  const state = { ...before, silentProbes: 0 }
  if (before.role !== 'nothing') return { state, actions: [] }
  const why = `another DHCP server cannot be ruled out: ${reason}`
  return { state: { ...state, role: 'proxy', why }, actions: [{ kind: 'serve', role: 'proxy', why }] }
}
