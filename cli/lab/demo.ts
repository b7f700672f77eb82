import { buildImage } from '../../images/build.ts'
import { labStatus } from '../../lab/io/read-status.ts'
import { labDown, labUp } from '../../lab/service.ts'
import { GodwitError } from '../../protocol/errors.ts'
import { adminClient } from '../admin-client.ts'
import { showBuild } from '../build-progress.ts'
import { fetchNodes, nodesTable } from '../commands/nodes.ts'
import { withSignal } from '../interrupt.ts'
import { formatDuration, printJson, say } from '../output.ts'
import { CACHE_DIR, DEFAULT_RECIPE, IMAGE_DIR, LAB_DIR } from '../paths.ts'
import { watch } from '../watch.ts'
import { runDemoProcess } from './demo-process.ts'
import { demoReport } from './demo-report.ts'
import { orTakeDown } from './interrupted.ts'
import { waitForNodes } from './wait-for-nodes.ts'

/** How `npm run lab` was asked. `mem` is MiB for each machine. */
export type DemoOptions = { readonly once?: boolean; readonly json?: boolean; readonly mem: number }

/**
 * The whole road, for a person to see (design §1): image, server, one BIOS and one UEFI machine, both ready, a
 * multi-threaded JVM placed on one of them. Ends in the live view, or, with `once` or at ^C before that, takes
 * everything down again.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const startedAtMs = Date.now()
  const image = await showBuild(
    { recipePath: DEFAULT_RECIPE, imageDir: IMAGE_DIR, cacheDir: CACHE_DIR, channel: 'stable' },
    buildImage,
  )
  say(
    `image ${image.digest.slice(0, 12)}: ${image.cached ? 'nothing changed' : formatDuration(image.seconds * 1000)}`,
  )
  try {
    const report = await orTakeDown(
      withSignal(signal => boot(image, options, signal)),
      () => labDown({ labDir: LAB_DIR, onProgress: say }),
    )
    if (options.json) printJson(report)
    say(`from nothing to a placed JVM in ${formatDuration(Date.now() - startedAtMs)}`)
    if (!options.once) await liveView()
  } finally {
    if (options.once) await labDown({ labDir: LAB_DIR, onProgress: say })
  }
}

async function boot(
  image: { digest: string; sizeBytes: number; seconds: number },
  options: DemoOptions,
  signal: AbortSignal,
) {
  await labDown({ labDir: LAB_DIR, onProgress: say })
  const sinceMs = Date.now()
  const lab = await labUp({
    labDir: LAB_DIR,
    imageDir: IMAGE_DIR,
    bios: 1,
    uefi: 1,
    memoryMiB: options.mem,
    signal,
    onProgress: say,
  })
  if (lab.adminSocket === null) throw new GodwitError('GW_LAB', 'the lab came up without a server')
  const client = adminClient(lab.adminSocket)
  const nodes = await waitForNodes({ client, count: 2, sinceMs, signal, say })
  const process = await runDemoProcess({ client, lab, signal, say })
  return demoReport({ image, nodes, process })
}

/** Leaves the user where the machines can be seen; the lab goes on after ^C. */
async function liveView(): Promise<void> {
  const { adminSocket } = await labStatus({ labDir: LAB_DIR })
  if (adminSocket === null || !process.stdout.isTTY) return hint()
  const client = adminClient(adminSocket)
  await watch(async () => nodesTable(await fetchNodes(client)), 1000)
  hint()
}

function hint(): void {
  say(`the lab is still up. Try:
  npx godwit nodes            npx godwit node timeline NAME
  npx godwit why last         npx godwit run -v -- sh -c 'hostname; nproc'
  npx godwit lab down         ends it`)
}
