import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import * as z from 'zod'
import { type AdminClient, adminClient } from '../../cli/admin-client.ts'
import { IMAGE_DIR } from '../../cli/paths.ts'
import type { ControlRequest } from '../../lab/control.ts'
import { controlLab } from '../../lab/io/control-client.ts'
import { labStatus } from '../../lab/io/read-status.ts'
import type { LabUpOptions } from '../../lab/options.ts'
import { labDown, labUp } from '../../lab/service.ts'
import { type LabStatus, labExecArgv } from '../../lab/status.ts'
import { NodeView } from '../../protocol/node.ts'
import { until } from './godwit.ts'

/** A lab of a test, in a folder of its own that goes with it. */
export type Rig = {
  readonly lab: LabStatus
  readonly client: AdminClient
  /** Switches another machine on; resolves to its MAC. */
  add(machine: Omit<Extract<ControlRequest, { op: 'add-machine' }>, 'op'>): Promise<string>
  nodes(): Promise<readonly NodeView[]>
  /** Waits until the machine's console has said `pattern`; resolves to all it said. */
  console(name: string, pattern: RegExp, limitMs?: number): Promise<string>
  /** The lines that a stand-in for the server printed. */
  serverLines(): Promise<readonly Record<string, unknown>[]>
  /** Runs a program in the lab's network. */
  exec(argv: readonly string[]): Promise<string>
  close(): Promise<void>
}

const say = (line: string) => process.stderr.write(`  ${line}\n`)

/** What may differ from a lab without machines; `serverArgv` is the command in place of the real server's. */
export type RigOptions = Partial<Omit<LabUpOptions, 'serverArgv'>> & {
  readonly serverArgv?: (configPath: string) => readonly string[]
}

/** Starts a lab. */
export async function openRig({ serverArgv, ...options }: RigOptions = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), 'godwit-e2e-'))
  const labDir = join(folder, 'lab')
  const signal = AbortSignal.timeout(20 * 60_000)
  const common = { labDir, imageDir: IMAGE_DIR, bios: 0, uefi: 0, cpus: 1, signal, onProgress: say }
  const argv = serverArgv?.(join(labDir, 'server.yaml'))
  const lab = await labUp({ ...common, ...options, serverArgv: argv })
  const client = adminClient(lab.adminSocket ?? '')
  const machines = async () => (await labStatus({ labDir })).machines
  return {
    lab,
    client,
    add: async machine => {
      const name = await controlLab(lab, { op: 'add-machine', ...machine })
      return (await machines()).find(one => one.name === name)?.mac ?? ''
    },
    nodes: () => client.get('/v1/nodes', z.array(NodeView)),
    console: async (name, pattern, limitMs = 240_000) => {
      const path = (await machines()).find(one => one.name === name)?.consoleLog ?? ''
      const read = async () => {
        const text = await readFile(path, 'utf8').catch(() => '')
        return pattern.test(text) ? text : undefined
      }
      return until(`${name} to say ${pattern}`, read, limitMs)
    },
    serverLines: async () => {
      const text = await readFile(lab.serverLog ?? '', 'utf8')
      return text
        .split('\n')
        .flatMap(line => (line.startsWith('{') && line.endsWith('}') ? [JSON.parse(line)] : []))
    },
    exec: async argv => {
      const [program = '', ...args] = labExecArgv(lab, argv)
      return (await execa(program, args)).stdout
    },
    close: async () => {
      await labDown({ labDir, onProgress: say })
      await rm(folder, { recursive: true, force: true })
    },
  }
}
