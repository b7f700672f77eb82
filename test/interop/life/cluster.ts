import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { adminClient } from '../../../cli/admin-client.ts'
import { NodeView } from '../../../protocol/node.ts'
import { ProcessRecord } from '../../../protocol/process.ts'
import { follow, type Run } from '../../agent/scene.ts'
import { until } from '../../e2e/godwit.ts'
import { buildNative } from '../../native/relay.ts'
import { createLan, type LanHost } from '../lan.ts'
import { stubImage } from './stub-image.ts'

const GODWIT = fileURLToPath(new URL('../../../cli/godwit.js', import.meta.url))
const AGENT = fileURLToPath(new URL('../../../agent/main.ts', import.meta.url))
const SERVER_ADDRESS = '10.93.0.1'
const READY_MS = 40_000

/** One machine of a {@link Cluster}: a network namespace with the real agent in it. */
export type Machine = {
  readonly host: LanHost
  /** Its name in the cluster. */
  readonly name: string
  /** Where its agent's own files are: keeper's socket, doors. */
  readonly runDir: string
  readonly agent: ChildProcess
  /** Starts an agent in place of one that is gone, as systemd does; resolves when it has joined. */
  restartAgent(): Promise<void>
}

/** A real server and real agents, each in a network namespace of its own on one switch. */
export type Cluster = {
  readonly folder: string
  readonly machines: readonly [Machine, Machine]
  readonly serverSpace: string
  /** SIGKILL; resolves when it is gone. */
  killServer(): Promise<void>
  startServer(): Promise<void>
  /** Starts `godwit ARGS`: on the server's network, from where agents are reached directly, or outside of it. */
  godwit(args: readonly string[], options?: GodwitOptions): Run
  /** Starts `argv` through the door of a machine: this one is home then. */
  onMachine(machine: Machine, argv: readonly string[], env?: Readonly<Record<string, string>>): Run
  record(name: string): Promise<ProcessRecord | undefined>
  nodes(): Promise<readonly NodeView[]>
  close(): Promise<void>
}

/** Outside, octets go through the server's relay. `env` is added to ours. */
export type GodwitOptions = {
  readonly outside?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Starts a server and two agents; `name` has at most four characters. Resolves when both nodes are ready. */
export async function openCluster(name: string): Promise<Cluster> {
  const native = buildNative()
  const lan = createLan(name, ['server', 'one', 'two'])
  const log = openSync(join(lan.folder, 'log'), 'a')
  const children = new Set<ChildProcess>()
  const stateDir = join(lan.folder, 'state')
  const imageDir = join(lan.folder, 'images')
  await stubImage(imageDir)
  lan.hosts.server.setAddress(`${SERVER_ADDRESS}/24`)
  const client = adminClient(join(stateDir, 'admin.sock'))

  const start = (
    host: LanHost | undefined,
    argv: readonly string[],
    env: NodeJS.ProcessEnv,
    out?: number,
  ) => {
    // Not `ip netns exec`, which hides the cgroups: it gives the program a /sys of its own.
    const words = host === undefined ? argv : ['nsenter', `--net=/run/netns/${host.space}`, ...argv]
    const [program = '', ...args] = words
    const stdio = out === undefined ? ('pipe' as const) : (['ignore', out, out] as const)
    const child = spawn(program, args, { stdio: stdio as 'pipe', env: { ...process.env, ...env } })
    children.add(child)
    child.once('exit', () => children.delete(child))
    return child
  }

  const serve = () => {
    const options = ['--state', stateDir, '--images', imageDir, '--dhcp', 'off', '--log-level', 'info']
    const argv = [process.execPath, GODWIT, 'serve', ...options, '--interface', lan.hosts.server.device]
    return start(lan.hosts.server, argv, { GODWIT_HOME_MODE: 'off' }, log)
  }
  let server = serve()
  const startServer = async () => {
    if (server.exitCode !== null || server.signalCode !== null) server = serve()
    await until('the server to answer', () => nodes().catch(() => undefined), READY_MS, 50)
  }
  const nodes = () => client.get('/v1/nodes', z.array(NodeView))

  /** Boots a machine as its loader and its kernel would: the script, then the agent with the kernel's arguments. */
  const boot = async (host: LanHost, at: number): Promise<Machine> => {
    const mac = `52:54:00:93:00:0${at}`
    const address = `10.93.0.1${at}`
    const runDir = join(lan.folder, host.space)
    host.become(mac)
    host.setAddress(`${address}/24`)
    const url = `http://${SERVER_ADDRESS}:7080/v1/boot.ipxe?mac=${mac}&fw=bios&ip=${address}`
    const get = `fetch(${JSON.stringify(url)}).then(r => r.text()).then(t => process.stdout.write(t))`
    const enter = ['nsenter', `--net=/run/netns/${host.space}`, process.execPath, '-e', get] as const
    const script = execFileSync(enter[0], enter.slice(1), { encoding: 'utf8' })
    const line = script.split('\n').find(one => one.includes('godwit.token='))
    if (line === undefined) throw new Error(`no kernel arguments in:\n${script}`)
    mkdirSync(runDir)
    writeFileSync(join(runDir, 'cmdline'), line)
    const env = {
      GODWIT_AGENT_RUN: runDir,
      GODWIT_AGENT_CMDLINE: join(runDir, 'cmdline'),
      GODWIT_KEEPER: join(native, 'godwit-keeper'),
    }
    const startAgent = () => start(host, [process.execPath, '--import', 'tsx', AGENT], env, log)
    let agent = startAgent()
    const node = await until(
      `${host.space} to be ready`,
      async () => (await nodes()).find(one => one.mac === mac && one.state === 'ready' && one.load !== null),
      READY_MS,
      50,
    )
    return {
      host,
      name: node.name,
      runDir,
      get agent() {
        return agent
      },
      async restartAgent() {
        const fromMs = Date.now()
        agent = startAgent()
        const isBack = async () => (await nodes()).find(one => one.mac === mac && one.lastSeenAt > fromMs)
        await until(`${node.name} to be back`, isBack, READY_MS, 50)
      },
    }
  }

  try {
    await startServer()
    const machines = await Promise.all([boot(lan.hosts.one, 1), boot(lan.hosts.two, 2)])
    return {
      folder: lan.folder,
      machines,
      async killServer() {
        const gone = once(server, 'exit')
        server.kill('SIGKILL')
        await gone
      },
      serverSpace: lan.hosts.server.space,
      startServer,
      godwit: (args, { outside = false, env = {} } = {}) =>
        follow(
          start(
            outside ? undefined : lan.hosts.server,
            [process.execPath, GODWIT, '--socket', join(stateDir, 'admin.sock'), ...args],
            env,
          ),
        ),
      onMachine: ({ host, runDir }, argv, env = {}) =>
        follow(start(host, [join(native, 'godwit-deputy'), 'run', ...argv], { GODWIT_RUN: runDir, ...env })),
      async record(wanted) {
        const all = await client.get('/v1/processes?all=1', z.array(ProcessRecord))
        return all.find(one => one.name === wanted)
      },
      nodes,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }

  async function close(): Promise<void> {
    for (const child of children) child.kill('SIGCONT')
    for (const child of children) child.kill('SIGKILL')
    await Promise.all([...children].map(child => once(child, 'exit')))
    await lan.close()
  }
}
