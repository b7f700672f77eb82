import { randomBytes } from 'node:crypto'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Count, Log, Now } from '../../../protocol/log.ts'
import { type ModeAction, type ModeEvent, startMode, stepMode } from '../auto/mode.ts'
import type { LinkRole, LinkStatus } from '../link-role.ts'
import { type ProbeResult, probeForServer } from './probe.ts'

/** What keeping the mode of a link needs. */
export type ModeKeeperNeeds = {
  readonly link: { readonly interface: string; readonly address: Ipv4 }
  readonly log: Log
  readonly count: Count
  readonly now: Now
  /** Asks the link's network once; tests hand in their own. */
  readonly probe?: (signal: AbortSignal) => Promise<ProbeResult>
}

/** The mode of a link, kept for as long as it is served. */
export type ModeKeeper = {
  /** What we are at this moment. */
  role(): LinkRole
  status(): LinkStatus
  /** Another server was heard on the server's port. */
  overheard(server: Ipv4): void
  close(): Promise<void>
}

/** Other servers remembered. */
const MAX_SERVERS = 8

/** Carries out the mode machine of auto/mode.ts: probes, timers, log lines, alarms. */
export function keepMode({ link, log, count, now, probe }: ModeKeeperNeeds): ModeKeeper {
  const ended = new AbortController()
  const xid = randomBytes(4).readUInt32BE()
  const ask = probe ?? (signal => probeForServer(link, xid, signal))
  const alarms: string[] = []
  let probing: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const start = startMode(now())
  let { state } = start

  const probeOnce = async () => {
    const result = await ask(ended.signal)
    if (!ended.signal.aborted) step({ ...result, nowMs: now() })
  }
  const act = (action: ModeAction) => {
    switch (action.kind) {
      case 'probe':
        clearTimeout(timer)
        timer = setTimeout(() => {
          probing = probeOnce()
        }, action.inMs)
        return
      case 'serve':
        count('dhcp', `mode: ${action.role}`)
        log.info({ ...link, mode: action.role }, `${SENTENCE[action.role]}: ${action.why}`)
        return
      case 'alarm':
        count('dhcp', 'alarm: second server')
        log.warn({ ...link, server: action.server }, action.text)
        alarms.push(action.text)
        return
      case 'say':
        log.warn({ ...link }, action.text)
    }
  }
  const step = (event: ModeEvent) => {
    const next = stepMode(state, event)
    state = next.state
    for (const action of next.actions) act(action)
  }
  for (const action of start.actions) act(action)

  return {
    role: () => state.role,
    status: () => ({ role: state.role, why: state.why, servers: state.servers, alarms }),
    overheard: server => step({ kind: 'overheard', server, nowMs: now() }),
    async close() {
      ended.abort()
      clearTimeout(timer)
      await probing
    },
  }
}

const SENTENCE = {
  nothing: 'dhcp waits',
  authoritative: 'dhcp leases addresses',
  proxy: 'dhcp is a proxy beside the DHCP server of this network',
} as const

/** The mode an operator chose. Another server is told of, and changes nothing. */
export function fixMode(
  role: 'authoritative' | 'proxy',
  { link, log, count }: Pick<ModeKeeperNeeds, 'link' | 'log' | 'count'>,
): ModeKeeper {
  const servers: Ipv4[] = []
  const alarms: string[] = []
  return {
    role: () => role,
    status: () => ({ role, why: `dhcp.mode is ${role}`, servers, alarms }),
    overheard(server) {
      if (servers.includes(server) || servers.length >= MAX_SERVERS) return
      servers.push(server)
      if (role === 'proxy') return
      const text = `a second DHCP server, ${server}, is on this network, and dhcp.mode: authoritative keeps godwit leasing`
      count('dhcp', 'alarm: second server')
      log.warn({ ...link, server }, text)
      alarms.push(text)
    },
    close: async () => undefined,
  }
}
