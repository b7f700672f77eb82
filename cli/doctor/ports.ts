import { type Finding, fail, ok, warn } from './finding.ts'

/** A port the server listens on. */
export type NeededPort = {
  readonly port: number
  readonly protocol: 'udp' | 'tcp'
  /** What it is for: `DHCP`. */
  readonly use: string
  /** Whether a running server may leave it closed: some modes do, and some ports are the nodes'. */
  readonly isOptional?: boolean
}

/** One listening socket as `ss -Hlnp` shows it; programs are unknown to an ordinary user for others' sockets. */
export type Listener = {
  readonly address: string
  /** The only interface it hears (SO_BINDTODEVICE), if so. */
  readonly device: string | undefined
  readonly port: number
  readonly programs: readonly { readonly name: string; readonly pid: number }[]
}

/** Whose the ports should be: the running server's process, and where it serves or would. */
export type PortOwner = {
  readonly pid: number | undefined
  readonly links: readonly { readonly interface: string; readonly address: string }[]
}

/** Reads the output of `ss -Hlunp` or `ss -Hltnp` (iproute2); lines it cannot read are left out. */
export function parseListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap(line => {
    const local = line.trim().split(/\s+/)[3] ?? ''
    const [, address = '', device, port = ''] = /^(.*?)(?:%(.+))?:(\d+)$/.exec(local) ?? []
    if (port === '') return []
    const programs = [...line.matchAll(/\("([^"]+)",pid=(\d+)/g)].map(([, name = '', pid]) => ({
      name,
      pid: Number(pid),
    }))
    return [{ address, device, port: Number(port), programs }]
  })
}

/**
 * Whether a port is ours, free, or somebody else's. With the server down a free port is as it should be; a program
 * that listens on another interface or address only is in nobody's way.
 */
export function judgePort(needed: NeededPort, listeners: readonly Listener[], owner: PortOwner): Finding {
  const { port, protocol, use, isOptional = false } = needed
  const check = `port ${port}/${protocol}`
  const holders = listeners.filter(listener => listener.port === port && isInTheWay(listener, owner))
  const isOurs = ({ programs }: Listener) => programs.some(({ pid }) => pid === owner.pid)
  const other = holders.find(holder => !isOurs(holder))
  if (other !== undefined) {
    if (owner.pid !== undefined && other.programs.length === 0 && holders.length === 1)
      return ok(check, `${use}: open; run as root to see by which program`)
    const detail = `${use}: ${whoIs(other)} has it on ${other.address}`
    const remedy = `stop it; ss -${protocol === 'udp' ? 'u' : 't'}lpn 'sport = :${port}' shows it`
    return isOptional && owner.pid !== undefined ? warn(check, detail, remedy) : fail(check, detail, remedy)
  }
  if (holders.length > 0) return ok(check, `${use}: the server listens`)
  if (owner.pid === undefined) return ok(check, `${use}: free`)
  if (isOptional) return ok(check, `${use}: closed, as this server needs it`)
  return warn(check, `${use}: the server runs but does not listen`, 'see its log and configuration')
}

function whoIs({ programs }: Listener): string {
  const names = new Set(programs.map(({ name, pid }) => `${name} (${pid})`))
  return names.size === 0 ? 'a program of another user' : [...names].join(', ')
}

const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '*', '[::]'])

function isInTheWay({ address, device }: Listener, { links }: PortOwner): boolean {
  if (links.length === 0) return true
  if (device !== undefined) return links.some(link => link.interface === device)
  return EVERYWHERE.has(address) || links.some(link => link.address === address)
}
