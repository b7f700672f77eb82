import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { adminClient } from '../../cli/admin-client.ts'
import { NodeView } from '../../protocol/node.ts'
import { buildNative } from '../native/relay.ts'
import { layCable } from './dhcp-cable.ts'
import { type Running, run } from './dhcp-lab.ts'

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const SERVER = '10.92.0.1/24'
const NODE = '10.92.0.50/24'
const MAC = '52:54:00:92:00:01'
/** A boot on two busy processors, from the start of the agent until its speed is measured. */
const READY_MS = 90_000

/** The whole server and one whole node, agent and keeper, at the two ends of a cable; the node is this very machine. */
export type Cluster = {
  /** Starts the server again where it was. */
  serve(): Promise<void>
  /** Starts the agent of the node, with the right to join as the server gives it at a boot, or again. */
  startAgent(): void
  killServer(): Promise<void>
  killAgent(): Promise<void>
  /** Resolves when the node can take processes. */
  ready(): Promise<void>
  /** `godwit ...` next to the server. */
  godwit(...args: readonly string[]): Running
  close(): Promise<void>
}

/** Lays the cable and starts nothing yet; `name` is at most three characters. */
export function layCluster(name: string): Cluster {
  const native = buildNative()
  const folder = mkdtempSync(join(tmpdir(), 'godwit-cluster-'))
  const socketPath = join(folder, 'admin.sock')
  const cable = layCable(name, SERVER)
  execFileSync('ip', ['-n', cable.client, 'addr', 'add', NODE, 'dev', cable.clientDevice])
  publishImage(join(folder, 'images'))
  const client = adminClient(socketPath)
  const started: Running[] = []
  let server: Running | undefined
  let agent: Running | undefined

  function start(namespace: string, env: readonly string[], ...command: readonly string[]): Running {
    const program = run('ip', ['netns', 'exec', namespace, 'env', ...env, process.execPath, ...command])
    started.push(program)
    return program
  }

  return {
    async serve() {
      const args = [
        'serve',
        '--state',
        folder,
        '--images',
        join(folder, 'images'),
        '--interface',
        cable.serverDevice,
      ]
      server = start(cable.server, ['GODWIT_DHCP_MODE=off'], path('cli/godwit.js'), ...args)
      await server.until(/godwit serves/)
    },
    startAgent() {
      const env = [
        `GODWIT_AGENT_RUN=${join(folder, 'run')}`,
        `GODWIT_AGENT_CMDLINE=${join(folder, 'cmdline')}`,
        `GODWIT_KEEPER=${join(native, 'godwit-keeper')}`,
      ]
      agent = start(cable.client, env, '--import', 'tsx', path('agent/main.ts'))
    },
    async killServer() {
      await server?.end('SIGKILL')
    },
    async killAgent() {
      await agent?.end('SIGKILL')
    },
    async ready() {
      if (agent === undefined) {
        const script = await client.post(`/v1/boots/${MAC}`, {}, z.string())
        const words = script.match(/godwit\.[a-z0-9]+=\S+/g) ?? []
        if (words.length === 0) throw new Error(`no machine may boot: ${script}`)
        writeFileSync(join(folder, 'cmdline'), `${words.join(' ')} godwit.ip=${NODE}\n`)
        this.startAgent()
      }
      const deadlineMs = Date.now() + READY_MS
      for (;;) {
        const nodes = await client.get('/v1/nodes', z.array(NodeView))
        if (nodes.some(({ load, state }) => state === 'ready' && load !== null)) return
        if (Date.now() > deadlineMs) throw new Error(`no node is ready: ${agent?.output().slice(-3000)}`)
        await sleep(200)
      }
    },
    godwit: (...args) => start(cable.server, [], path('cli/godwit.js'), '--socket', socketPath, ...args),
    async close() {
      await Promise.all(started.map(program => program.end('SIGKILL')))
      cable.endClients()
      cable.remove()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** An image that nobody loads: without one the server gives no machine the right to join. */
function publishImage(folder: string): void {
  const digest = 'a'.repeat(64)
  const file = (name: string) => ({ name, sizeBytes: 1, sha256: '0'.repeat(64) })
  const manifest = {
    format: 1,
    name: 'test',
    recipeDigest: digest,
    createdAt: new Date(0).toISOString(),
    files: { root: file('root'), kernel: file('kernel'), initrd: file('initrd') },
    kernelVersion: '6.12',
    kernelArgs: [],
    ramNeedBytes: 1,
    packages: {},
  }
  for (const name of [digest, 'channels']) mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, digest, 'manifest.json'), JSON.stringify(manifest))
  const pointer = { digest, setAt: new Date(0).toISOString() }
  writeFileSync(join(folder, 'channels', 'stable'), JSON.stringify(pointer))
}
