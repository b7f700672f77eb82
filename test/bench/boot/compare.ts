import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { withSignal } from '../../../cli/interrupt.ts'
import { WORK_DIR } from '../../../cli/paths.ts'
import { labDown } from '../../../lab/service.ts'
import type { LabStatus } from '../../../lab/status.ts'
import { type Host, thisHost } from '../io/host.ts'
import type { Figures } from '../stats.ts'
import { type BenchImage, benchImage } from './bench-image.ts'
import { bootOnce } from './one-boot.ts'
import { type BootResult, type BootSample, bootRatios, bootResults } from './report.ts'
import { bootSchedule, type Comparison } from './schedule.ts'

/** A finished comparison. */
export type BootReport = {
  readonly host: Host & { readonly accel: LabStatus['accel'] }
  readonly startedAt: string
  readonly runs: number
  readonly memoryMiB: number
  readonly image: Omit<BenchImage, 'imageDir'>
  readonly results: readonly BootResult[]
  readonly samples: readonly BootSample[]
  readonly ratios: Figures
}

/** The bench's own folder in a clone: lab, logs, the peer's files. A crashed run's leftovers are found there. */
const FOLDER = join(WORK_DIR, 'bench')

/** Does all boots of a comparison, one at a time. ^C takes the lab down. Throws LabFailure or GodwitError. */
export async function compareBoots(
  comparison: Comparison & { readonly memoryMiB: number },
  say: (line: string) => void,
): Promise<BootReport> {
  const { imageDir, ...image } = await benchImage(join(FOLDER, 'images'), say)
  const startedAt = new Date().toISOString()
  const labDir = join(FOLDER, 'lab')
  const peerDir = join(FOLDER, 'peer')
  await labDown({ labDir, onProgress: say })
  const samples: BootSample[] = []
  let accel: LabStatus['accel'] = null
  const schedule = bootSchedule(comparison)
  await withSignal(async signal => {
    for (const [index, task] of schedule.entries()) {
      say(`[${index + 1}/${schedule.length}] ${task.subject}, ${task.firmware}`)
      for (const folder of [join(labDir, 'state'), peerDir])
        await rm(folder, { recursive: true, force: true })
      const place = { labDir, peerDir, imageDir, memoryMiB: comparison.memoryMiB, signal, say }
      const outcome = await bootOnce(task, place)
      accel = outcome.accel
      samples.push({ ...task, figures: outcome.figures })
      const { secondsToReady = 0, otherCpuSeconds = 0 } = outcome.figures
      say(`  ready after ${secondsToReady.toFixed(1)} s; other programs: ${otherCpuSeconds.toFixed(1)} CPU s`)
    }
  })
  const results = bootResults(samples)
  const { runs, memoryMiB } = comparison
  return {
    ...{ host: { ...thisHost(), accel }, startedAt, runs, memoryMiB, image },
    ...{ results, samples, ratios: bootRatios(results) },
  }
}
