import { execFileSync, spawnSync } from 'node:child_process'

/** Two network namespaces joined by one cable; names carry the process id, so that runs do not meet. */
export type Cable = {
  readonly server: string
  readonly client: string
  /** Interface names inside the namespaces. */
  readonly serverDevice: string
  readonly clientDevice: string
  /** Ends every program in the client's namespace, also one that forked away from whoever started it. */
  endClients(): void
  remove(): void
}

/** Why namespaces cannot be had here, or `undefined` when they can. */
export function whyNoNamespaces(): string | undefined {
  const name = `gw-probe-${process.pid}`
  const tried = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (tried.error !== undefined) return `ip (iproute2) is missing: ${tried.error.message}`
  if (tried.status !== 0) return `network namespaces are not allowed: ${tried.stderr.trim()}`
  spawnSync('ip', ['netns', 'del', name])
  return undefined
}

/** Lays the cable; the server's end has `serverCidr`, the client's end no address. */
export function layCable(name: string, serverCidr: string): Cable {
  const id = `${name}${process.pid}`
  const [server, client] = [`${id}s`, `${id}c`]
  const [serverDevice, clientDevice] = [`${name}s0`, `${name}c0`]
  const ip = (...args: readonly string[]) => execFileSync('ip', args)
  ip('netns', 'add', server)
  ip('netns', 'add', client)
  ip('-n', server, 'link', 'add', serverDevice, 'type', 'veth', 'peer', 'name', clientDevice, 'netns', client)
  ip('-n', server, 'addr', 'add', serverCidr, 'dev', serverDevice)
  for (const [namespace, device] of [
    [server, serverDevice],
    [client, clientDevice],
  ] as const) {
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
    ip('-n', namespace, 'link', 'set', device, 'up')
  }
  const remove = () => {
    for (const namespace of [server, client]) spawnSync('ip', ['netns', 'del', namespace])
  }
  const endClients = () => {
    const { stdout } = spawnSync('ip', ['netns', 'pids', client], { encoding: 'utf8' })
    spawnSync('kill', ['-9', ...stdout.split(/\s+/).filter(pid => pid !== '')])
  }
  return { server, client, serverDevice, clientDevice, endClients, remove }
}
