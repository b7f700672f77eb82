import { type Finding, fail, ok, warn } from './finding.ts'

/** A port the server listens on. */
export type NeededPort = {
  readonly port: number
  readonly protocol: 'udp' | 'tcp'
  /** What it is for: `DHCP`. */
  readonly use: string
}

/** One listening socket as `ss -Hlnp` shows it; `program` is unknown to an ordinary user for others' sockets. */
export type Listener = {
  readonly address: string
  readonly port: number
  readonly program: string | undefined
  readonly pid: number | undefined
}

/** Reads the output of `ss -Hlunp` or `ss -Hltnp` (iproute2); lines it cannot read are left out. */
export function parseListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap(line => {
    const local = line.trim().split(/\s+/)[3] ?? ''
    const [, address = '', port = ''] = /^(.*):(\d+)$/.exec(local) ?? []
    if (port === '') return []
    const [, program, pid] = /users:\(\("([^"]+)",pid=(\d+)/.exec(line) ?? []
    return [
      {
        address: address.replace(/%.*$/, ''),
        port: Number(port),
        program,
        pid: pid === undefined ? undefined : Number(pid),
      },
    ]
  })
}

/**
 * Whether a port is ours (the running server's `serverPid`), free, or somebody else's. With the server down a free
 * port is as it should be.
 */
export function judgePort(
  needed: NeededPort,
  listeners: readonly Listener[],
  serverPid: number | undefined,
): Finding {
  const check = `port ${needed.port}/${needed.protocol}`
  const holders = listeners.filter(({ port }) => port === needed.port)
  const other = holders.find(({ pid }) => pid === undefined || pid !== serverPid)
  if (other !== undefined) {
    const who = other.program === undefined ? 'a program of another user' : `${other.program} (${other.pid})`
    if (serverPid !== undefined && other.pid === undefined && holders.length === 1)
      return ok(check, `${needed.use}: open; run as root to see by which program`)
    return fail(
      check,
      `${needed.use}: ${who} has it on ${other.address}`,
      `stop it; ss -${needed.protocol === 'udp' ? 'u' : 't'}lpn 'sport = :${needed.port}' shows it`,
    )
  }
  if (holders.length > 0) return ok(check, `${needed.use}: the server listens`)
  if (serverPid === undefined) return ok(check, `${needed.use}: free`)
  return warn(check, `${needed.use}: the server runs but does not listen`, 'see its log and configuration')
}
