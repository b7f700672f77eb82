import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { layCable, whyNoNamespaces } from '../../interop/dhcp-cable.ts'
import { type CpuGroup, createCpuGroup } from './cpu-group.ts'
import { type Program, startProgram } from './program.ts'

/** A server under measurement. */
export type Server = {
  readonly program: Program
  /** CPU seconds that it and everything it started have used so far. */
  cpuSeconds(): Promise<number>
  /** Datagrams that the kernel threw away so far because its sockets were full. */
  droppedDatagrams(): Promise<number>
  /** Ends it; the next server may have its ports then. */
  stop(): Promise<void>
}

/** A program to start: its command line, what it prints once it serves, and its environment beside ours. */
export type ServerCommand = {
  readonly argv: readonly string[]
  readonly ready: RegExp
  readonly env?: Readonly<Record<string, string>>
}

/** Two network namespaces joined by a cable: servers in one, load clients in the other. */
export type Rig = {
  readonly serverNamespace: string
  readonly clientNamespace: string
  /** The server's NIC, and the addresses at both ends. */
  readonly serverDevice: string
  readonly clientDevice: string
  readonly serverAddress: string
  readonly clientAddress: string
  readonly prefixLength: number
  /** An empty folder for files of this rig, gone with it. */
  readonly folder: string
  /** Starts a server in its namespace; resolves once it is ready. */
  serve(command: ServerCommand): Promise<Server>
  /** Gives the clients' end one more address of the rig's network. */
  addClientAddress(address: string): void
  /** Starts a load client in its namespace. */
  client(argv: readonly string[]): Program
  /** Ends everything that runs and takes the cable and the folder away. */
  close(): Promise<void>
}

const PREFIX_LENGTH = 16
const SERVER_ADDRESS = '10.96.0.1'
const CLIENT_ADDRESS = '10.96.0.2'

/**
 * Lays a rig; `name` has at most five characters and becomes part of device names. Throws an Error that says why when
 * this machine allows no network namespaces.
 */
export async function createRig(name: string): Promise<Rig> {
  const reason = whyNoNamespaces()
  if (reason !== undefined) throw new Error(`this benchmark needs two network namespaces: ${reason}`)
  const cable = layCable(name, `${SERVER_ADDRESS}/${PREFIX_LENGTH}`)
  const addClientAddress = (address: string) => {
    const args = ['addr', 'add', `${address}/${PREFIX_LENGTH}`, 'dev', cable.clientDevice]
    execFileSync('ip', ['-n', cable.client, ...args])
  }
  addClientAddress(CLIENT_ADDRESS)
  const folder = await mkdtemp(join(tmpdir(), 'godwit-bench-'))
  const running = new Set<() => Promise<void>>()
  let started = 0

  const start = (namespace: string, group: CpuGroup, argv: readonly string[], env = {}) => {
    const program = startProgram([...group.prefix, 'ip', 'netns', 'exec', namespace, ...argv], env)
    const stop = async () => {
      running.delete(stop)
      await program.end()
      group.remove()
    }
    running.add(stop)
    return { program, stop }
  }
  const group = () => createCpuGroup(`godwit-bench-${process.pid}-${++started}`)

  return {
    ...{ serverDevice: cable.serverDevice, clientDevice: cable.clientDevice, clientNamespace: cable.client },
    ...{ serverNamespace: cable.server },
    ...{ serverAddress: SERVER_ADDRESS, clientAddress: CLIENT_ADDRESS, prefixLength: PREFIX_LENGTH, folder },
    addClientAddress,
    async serve({ argv, ready, env }) {
      const cpu = group()
      const { program, stop } = start(cable.server, cpu, argv, env)
      try {
        await program.until(ready)
      } catch (error) {
        await stop()
        throw error
      }
      return {
        ...{ program, stop },
        cpuSeconds: () => cpu.seconds(program.pid),
        droppedDatagrams: async () => droppedOf(await readFile(`/proc/${program.pid}/net/udp`, 'utf8')),
      }
    },
    client: argv =>
      start(cable.client, { prefix: [], seconds: async () => 0, remove: () => {} }, argv).program,
    async close() {
      await Promise.all([...running].map(stop => stop()))
      cable.remove()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The sum of the last column of /proc/PID/net/udp: datagrams for which a socket of this namespace had no room. */
export function droppedOf(netUdp: string): number {
  const lines = netUdp.trim().split('\n').slice(1)
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), 0)
}
