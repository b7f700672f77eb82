import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as z from 'zod'
import { type AdminClient, adminClient } from '../../cli/admin-client.ts'
import { SERVER_NODE_OPTIONS } from '../../config/node-options.ts'
import { NodeView } from '../../protocol/node.ts'
import { createCpuGroup } from '../bench/net/cpu-group.ts'
import { type Program, startProgram } from '../bench/net/program.ts'
import { buildNative } from '../native/relay.ts'
import { createOneNetwork, type OneNetwork } from './namespace.ts'
import { writePaperImage } from './paper-image.ts'

/** A machine of a small cluster: an agent with its keeper, that believes to have booted. */
export type SmallNode = {
  readonly name: string
  readonly address: string
  readonly program: Program
  /** What a deputy of this machine needs in its environment. */
  readonly env: Readonly<Record<string, string>>
}

/** A real server and real agents on this host, without machines: in one network namespace, files in one folder. */
export type SmallCluster = {
  readonly network: OneNetwork
  readonly folder: string
  readonly nodes: readonly SmallNode[]
  readonly server: Program
  readonly client: AdminClient
  readonly deputy: string
  /** CPU seconds that server, agents, keepers and all they started have used. */
  cpuSeconds(): Promise<number>
  close(): Promise<void>
}

/** A busy machine takes its time for three Node.js programs and two measurements of its speed. */
const READY_MS = 120_000
const AGENT = fileURLToPath(new URL('../../agent/main.ts', import.meta.url))
const GODWIT = fileURLToPath(new URL('../../cli/godwit.js', import.meta.url))

/** Starts one with so many machines, all of them ready; `name` has at most five characters. Root only. `nodeOptions`: for Node.js, as `--cpu-prof`. */
export async function openSmallCluster(
  name: string,
  machines: number,
  nodeOptions: readonly string[] = [],
): Promise<SmallCluster> {
  const native = buildNative()
  const [deputy, keeper] = [join(native, 'godwit-deputy'), join(native, 'godwit-keeper')]
  const folder = mkdtempSync(join(tmpdir(), 'gw-'))
  // As on a node, where /run is in memory.
  const runFolder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'gw-'))
  const network = createOneNetwork(name, machines)
  const group = createCpuGroup(`${name}-${process.pid}`)
  const programs: Program[] = []
  const close = async (): Promise<void> => {
    // Agents before their server, whom they would miss.
    for (const program of programs.reverse()) await program.end()
    network.remove()
    group.remove()
    for (const gone of [folder, runFolder]) rmSync(gone, { recursive: true, force: true })
  }
  const start = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Program => {
    const program = startProgram([...group.prefix, ...network.prefix, ...argv], env)
    programs.push(program)
    return program
  }
  try {
    const config = writeConfig(folder, network)
    const server = start([
      process.execPath,
      ...SERVER_NODE_OPTIONS,
      ...nodeOptions,
      GODWIT,
      'serve',
      '--config',
      config,
    ])
    await server.until(/godwit serves/, READY_MS)
    const unnamed: Omit<SmallNode, 'name'>[] = []
    for (let number = 0; number < machines; number += 1)
      unnamed.push(await startNode(number, { folder: runFolder, network, keeper, start, nodeOptions }))
    const client = adminClient(join(folder, 'state', 'admin.sock'))
    const names = await namesWhenReady(client, machines)
    const nodes = unnamed.map(node => ({ ...node, name: names.get(node.address) ?? '' }))
    const cpuSeconds = () => group.seconds(server.pid)
    return { network, folder, nodes, server, client, deputy, cpuSeconds, close }
  } catch (error) {
    await close()
    throw error
  }
}

type Ground = {
  readonly folder: string
  readonly network: OneNetwork
  readonly keeper: string
  readonly nodeOptions: readonly string[]
  readonly start: (argv: readonly string[], env: Readonly<Record<string, string>>) => Program
}

function writeConfig(folder: string, { device, server, prefixLength }: OneNetwork): string {
  const path = join(folder, 'godwit.json')
  writePaperImage(join(folder, 'images'))
  const config = {
    stateDir: join(folder, 'state'),
    imageDir: join(folder, 'images'),
    network: { interface: device, address: `${server}/${prefixLength}` },
    dhcp: { mode: 'off' },
    tftp: { enabled: false },
    boot: { routerAdvertisements: false },
    log: { level: 'info' },
  }
  writeFileSync(path, JSON.stringify(config))
  return path
}

async function startNode(
  number: number,
  { folder, network, keeper, start, nodeOptions }: Ground,
): Promise<Omit<SmallNode, 'name'>> {
  const address = network.machine(number)
  const runDir = join(folder, `m${number}`)
  const commandLine = join(folder, `m${number}.cmdline`)
  mkdirSync(runDir)
  writeFileSync(commandLine, await bootScript(network, number))
  const env = { GODWIT_AGENT_CMDLINE: commandLine, GODWIT_AGENT_RUN: runDir, GODWIT_KEEPER: keeper }
  const program = start([process.execPath, ...nodeOptions, '--import', 'tsx', AGENT], env)
  await program.until(/"joined"/, READY_MS)
  return { address, program, env: { GODWIT_RUN: runDir } }
}

/** The script that machine `number` would boot by; the agent reads its kernel's arguments out of it. */
async function bootScript(network: OneNetwork, number: number): Promise<string> {
  const mac = `52:54:00:97:00:${(number + 1).toString(16).padStart(2, '0')}`
  const query = new URLSearchParams({ mac, ip: network.machine(number), fw: 'bios' })
  const url = `http://${network.server}:7080/v1/boot.ipxe?${query}`
  const [program = '', ...args] = [...network.prefix, 'curl', '-fsS', url]
  return (await promisify(execFile)(program, args)).stdout
}

/** The names of the nodes by their addresses. */
async function namesWhenReady(client: AdminClient, machines: number): Promise<ReadonlyMap<string, string>> {
  const deadlineMs = Date.now() + READY_MS
  for (;;) {
    const views = await client.get('/v1/nodes', z.array(NodeView))
    const ready = views.filter(({ state }) => state === 'ready')
    if (ready.length === machines) return new Map(ready.map(({ ip, name }) => [ip ?? '', name]))
    if (Date.now() > deadlineMs) throw new Error(`not all are ready: ${JSON.stringify(views)}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
