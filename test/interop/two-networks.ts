import { execFileSync, spawnSync } from 'node:child_process'

/** One of the server's networks: a cable to a namespace with a single client NIC. */
export type Network = {
  /** The client's namespace. */
  readonly client: string
  readonly serverDevice: string
  readonly clientDevice: string
  /** The server's address, without its prefix of 24. */
  readonly serverAddress: string
  /** An address of the client's end, for programs that need one before they ask. */
  readonly clientAddress: string
}

/** A server with two NICs, each in a network of its own. */
export type TwoNetworks = {
  readonly server: string
  readonly a: Network
  readonly b: Network
  /** Plugs the NIC in: a new veth pair, up at both ends. */
  plug(network: Network): void
  /** Takes the NIC out of the server, as a USB adapter is. */
  unplug(network: Network): void
  /** Runs a program in a namespace and returns what it printed; throws when it fails. */
  run(namespace: string, command: string, ...args: readonly string[]): string
  remove(): void
}

/** Lays out both networks, the second not plugged in yet; `name` is at most three characters. */
export function layTwoNetworks(name: string): TwoNetworks {
  const id = `gw${name}${process.pid}`
  const server = `${id}s`
  const network = (letter: string, third: number): Network => ({
    client: `${id}${letter}`,
    serverDevice: `${name}${letter}s`,
    clientDevice: `${name}${letter}c`,
    serverAddress: `10.91.${third}.1`,
    clientAddress: `10.91.${third}.250`,
  })
  const [a, b] = [network('a', 1), network('b', 2)]
  const ip = (...args: readonly string[]) => execFileSync('ip', args)
  for (const namespace of [server, a.client, b.client]) {
    ip('netns', 'add', namespace)
    ip('-n', namespace, 'link', 'set', 'lo', 'up')
  }
  const plug = ({ client, serverDevice, clientDevice, serverAddress, clientAddress }: Network) => {
    const peer = ['peer', 'name', clientDevice, 'netns', client]
    ip('-n', server, 'link', 'add', serverDevice, 'type', 'veth', ...peer)
    ip('-n', server, 'addr', 'add', `${serverAddress}/24`, 'dev', serverDevice)
    ip('-n', client, 'addr', 'add', `${clientAddress}/24`, 'dev', clientDevice)
    ip('-n', server, 'link', 'set', serverDevice, 'up')
    ip('-n', client, 'link', 'set', clientDevice, 'up')
  }
  plug(a)
  return {
    server,
    a,
    b,
    plug,
    unplug: ({ serverDevice }) => ip('-n', server, 'link', 'del', serverDevice),
    run: (namespace, command, ...args) =>
      execFileSync('ip', ['netns', 'exec', namespace, command, ...args], {
        encoding: 'utf8',
        timeout: 30_000,
      }),
    remove: () => {
      for (const namespace of [server, a.client, b.client]) spawnSync('ip', ['netns', 'del', namespace])
    },
  }
}
