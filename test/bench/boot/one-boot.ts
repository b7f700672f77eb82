import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import * as z from 'zod'
import { type AdminClient, adminClient } from '../../../cli/admin-client.ts'
import { waitForNodes } from '../../../cli/lab/wait-for-nodes.ts'
import { controlLab } from '../../../lab/io/control-client.ts'
import { machineMac, tapName } from '../../../lab/machine.ts'
import { LAB_ADDRESS } from '../../../lab/network.ts'
import { labDown, labUp } from '../../../lab/service.ts'
import { type LabStatus, labExecArgv } from '../../../lab/status.ts'
import { ServerStatus } from '../../../protocol/admin.ts'
import { GodwitError } from '../../../protocol/errors.ts'
import type { Figures } from '../stats.ts'
import { linkFigures } from './link-counters.ts'
import { startMeter } from './meter.ts'
import { PEER_BASE, PEER_MACHINE, peerScriptPath } from './peer-config.ts'
import { peerScript } from './peer-script.ts'
import type { BootTask } from './schedule.ts'
import { stageFigures } from './stage-figures.ts'

/** Where and how one boot is done. `memoryMiB` is the machine's. */
export type BootPlace = {
  readonly labDir: string
  readonly peerDir: string
  readonly imageDir: string
  readonly memoryMiB: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** What one boot gave, and whether the machine ran on KVM or was emulated. */
export type BootOutcome = { readonly figures: Figures; readonly accel: LabStatus['accel'] }

/** The name every machine here has; each lab has one machine, so its MAC is the first too. */
const MACHINE = 'machine'
const MAC = machineMac(1)
const PEER_SERVER = fileURLToPath(new URL('./peer-server.ts', import.meta.url))

/**
 * Boots one machine in a lab of its own, with a server that has seen nothing before, and measures it. Whatever
 * happens, the lab is down afterwards. Throws LabFailure or GodwitError, naming the logs.
 */
export async function bootOnce(task: BootTask, place: BootPlace): Promise<BootOutcome> {
  const { labDir, say } = place
  try {
    const lab = await labUp({
      ...{ labDir, imageDir: place.imageDir, memoryMiB: place.memoryMiB, signal: place.signal },
      ...{ bios: 0, uefi: 0, onProgress: () => undefined, logLevel: 'warn' },
      serverArgv: peerArgv(task, place),
    })
    return { figures: await measure(task, place, lab), accel: lab.accel }
  } finally {
    await labDown({ labDir, onProgress: say })
  }
}

/** The command of the peer in place of our server; `undefined` for our own server. */
function peerArgv({ subject }: BootTask, place: BootPlace): readonly string[] | undefined {
  if (subject === 'godwit') return undefined
  return [
    ...[process.execPath, '--import', createRequire(import.meta.url).resolve('tsx'), PEER_SERVER],
    ...[place.labDir, place.peerDir, place.imageDir, MAC],
    ...(subject === 'dnsmasq+nginx+ra' ? ['ra'] : []),
  ]
}

async function measure(task: BootTask, place: BootPlace, lab: LabStatus): Promise<Figures> {
  const { adminSocket, serverPid } = lab
  if (adminSocket === null || serverPid === null)
    throw new GodwitError('GW_LAB', `the server ended as soon as it was up; see ${lab.serverLog}`)
  const client = adminClient(adminSocket)
  if (task.subject !== 'godwit') await writePeerScript(client, place)
  const stopMeter = await startMeter(lab)
  // Power-on: the moment the order is given. Making cable and disk and starting QEMU come after it.
  const poweredOnAtMs = Date.now()
  await controlLab(lab, { op: 'add-machine', name: MACHINE, firmware: task.firmware })
  const [node] = await waitForNodes({ ...place, client, count: 1, sinceMs: 0 })
  const cpu = await stopMeter()
  const link = await readLink(lab)
  const stages = node && stageFigures(node.boot, poweredOnAtMs)
  if (stages === undefined) throw new GodwitError('GW_LAB', 'the machine is ready, but nobody saw when')
  return { ...stages, ...linkFigures(link), ...cpu }
}

/** Has our server begin a boot of the machine and puts its script, for the peer's web server, in place. */
async function writePeerScript(client: AdminClient, { peerDir }: BootPlace): Promise<void> {
  const { ports } = await client.get('/v1/status', ServerStatus)
  const script = peerScript(await client.post(`/v1/boots/${MAC}`, {}, z.string()), {
    ownBase: `http://${LAB_ADDRESS.address}:${ports.http}`,
    peerBase: PEER_BASE,
    address: PEER_MACHINE,
  })
  if (script.kind === 'none') throw new GodwitError('GW_LAB', `nothing to boot: ${script.reason}`)
  await writeFile(peerScriptPath({ folder: peerDir }), script.text)
}

// By netlink: /sys/class/net shows the devices of the namespace it was mounted in, which is not the lab's.
async function readLink(lab: LabStatus): Promise<string> {
  const argv = ['ip', '-json', '-statistics', 'link', 'show', 'dev', tapName(MACHINE)]
  const [program = '', ...args] = labExecArgv(lab, argv)
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
  return (await execa(program, args, { env })).stdout
}
