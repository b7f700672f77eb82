import { createRequire } from 'node:module'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { adminClient } from '../../../cli/admin-client.ts'
import { waitForNodes } from '../../../cli/lab/wait-for-nodes.ts'
import { controlLab } from '../../../lab/io/control-client.ts'
import { labStatus } from '../../../lab/io/read-status.ts'
import { labPaths } from '../../../lab/paths.ts'
import { labDown, labUp } from '../../../lab/service.ts'
import type { LabStatus } from '../../../lab/status.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import type { NodeView } from '../../../protocol/node.ts'
import { godwit, until } from '../../e2e/godwit.ts'
import { installJob } from '../../jobs/install.ts'
import { rounded } from '../stats.ts'
import { batchesOf, type FoundMachine, type MACHINES, unequalSpeeds } from './machines.ts'
import type { Policy } from './policies.ts'
import { PROGRAMS } from './workload.ts'

/** Where a fleet lives and who is told how it goes. */
export type FleetPlace = {
  readonly labDir: string
  readonly imageDir: string
  readonly seed: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Machines that booted and have the jobs. `machines` are as they were found, in the order they were asked for. */
export type Fleet = {
  readonly lab: LabStatus
  readonly machines: readonly (FoundMachine & { readonly node: string })[]
}

const BLIND_SERVER = fileURLToPath(new URL('./blind-server.ts', import.meta.url))

/**
 * Boots the machines, with a server that has seen nothing before and places by `policy`, and has `work` use them.
 * Whatever happens, the lab is down afterwards. Throws LabFailure or GodwitError.
 */
export async function withFleet<T>(
  policy: Policy,
  wanted: readonly (typeof MACHINES)[number][],
  place: FleetPlace,
  work: (fleet: Fleet) => Promise<T>,
): Promise<T> {
  const { labDir, imageDir, signal, say } = place
  try {
    const lab = await labUp({
      ...{ labDir, imageDir, signal, bios: 0, uefi: 0, onProgress: () => undefined },
      serverArgv: serverArgv(policy, place),
    })
    return await work(await boot(lab, wanted, place))
  } finally {
    await labDown({ labDir, onProgress: say })
  }
}

/** The command in place of our server; `undefined` for our own. */
function serverArgv(policy: Policy, { labDir, seed }: FleetPlace): readonly string[] | undefined {
  if (policy === 'godwit') return undefined
  const tsx = createRequire(import.meta.url).resolve('tsx')
  const { serverConfig } = labPaths(labDir, labDir)
  return [process.execPath, '--import', tsx, BLIND_SERVER, serverConfig, policy, `${seed}`]
}

/** Not more at once than the host has processors for: each measures its speed as it boots. */
async function boot(
  lab: LabStatus,
  wanted: readonly (typeof MACHINES)[number][],
  { labDir, signal, say }: FleetPlace,
): Promise<Fleet> {
  const client = adminClient(lab.adminSocket ?? '')
  let count = 0
  for (const batch of batchesOf(wanted, cpus().length)) {
    for (const machine of batch) await controlLab(lab, { op: 'add-machine', firmware: 'bios', ...machine })
    count += batch.length
    await waitForNodes({ client, count, sinceMs: 0, signal, say: () => undefined })
    say(`  ready: ${batch.map(({ name }) => name).join(', ')}`)
  }
  const { machines } = await labStatus({ labDir })
  const read = async () => {
    const nodes = await waitForNodes({
      client,
      count: wanted.length,
      sinceMs: 0,
      signal,
      say: () => undefined,
    })
    return nodes.every(({ load }) => load !== null) ? nodes : undefined
  }
  const nodes = await until('the first reports', read)
  await installJob(
    lab,
    nodes.map(({ name }) => name),
    PROGRAMS.map(({ program }) => program),
  )
  await Promise.all(nodes.map(({ name }) => readJdk(lab, name)))
  const found = wanted.map(({ name, cpus }) => {
    const mac = machines.find(machine => machine.name === name)?.mac
    return foundMachine(
      name,
      cpus,
      nodes.find(node => node.mac === mac),
    )
  })
  const problem = unequalSpeeds(found)
  if (problem !== undefined) throw new GodwitError('GW_LAB', problem)
  return { lab, machines: found }
}

/**
 * Reads the JDK's files on a node: its image is compressed, and an emulated machine's first JVM takes 20 s longer than
 * the others. Not by running one, from which the server would learn.
 */
async function readJdk(lab: LabStatus, node: string): Promise<void> {
  const script =
    'cd "$(dirname "$(readlink -f "$(command -v java)")")/../lib" && cat modules *.so server/* >/dev/null'
  const end = await godwit(lab, ['run', '--on', node, '--', 'sh', '-c', script], { inside: true })
  if (end.status !== 0) throw new GodwitError('GW_LAB', `${node} does not read its JDK: ${end.stderr}`)
}

function foundMachine(name: string, cpus: number, node: NodeView | undefined) {
  if (node?.load == null || node.speed === null) throw new GodwitError('GW_LAB', `${name} does not report`)
  const speed = rounded((1000 * node.speed.all) / cpus) / 1000
  return { name, cpus, memoryBytes: node.load.memoryAvailableBytes, speed, node: node.name }
}
