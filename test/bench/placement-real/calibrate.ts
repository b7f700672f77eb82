import { mkdir } from 'node:fs/promises'
import { GodwitError } from '../../../protocol/errors.ts'
import { rounded } from '../stats.ts'
import type { Footprint } from './alone.ts'
import type { Fleet } from './fleet.ts'
import { runJob } from './run-job.ts'
import { PROGRAMS } from './workload.ts'

/** The first run of a program fills the page cache; of the others the best counts. */
const RUNS = 3
const LIMIT_MS = 120_000

/** Runs each program without work, one run at a time, with nothing beside it. Throws GW_LAB when one fails. */
export async function measureFootprints(
  { lab }: Fleet,
  { folder, signal, say }: { folder: string; signal: AbortSignal; say: (line: string) => void },
): Promise<readonly Footprint[]> {
  await mkdir(folder, { recursive: true })
  const footprints: Footprint[] = []
  for (const size of PROGRAMS) {
    const runs = []
    for (let run = 1; run <= RUNS; run += 1) {
      const name = `${size.program}-${run}`
      const startMs = Date.now()
      const attempt = await runJob(lab, { ...size, seconds: 0 }, { folder, name, limitMs: LIMIT_MS, signal })
      if (!attempt.isDone || attempt.peakMemoryBytes === null)
        throw new GodwitError(
          'GW_LAB',
          `${size.program} does not run alone: ${attempt.why ?? 'no memory counted'}`,
        )
      runs.push({ seconds: (Date.now() - startMs) / 1000, bytes: attempt.peakMemoryBytes })
    }
    const overheadS = rounded(Math.min(...runs.map(({ seconds }) => seconds)))
    const peakMemoryBytes = Math.min(...runs.map(({ bytes }) => bytes))
    footprints.push({ program: size.program, overheadS, peakMemoryBytes })
    say(`  ${size.program} alone: ${overheadS.toFixed(1)} s and ${Math.round(peakMemoryBytes / 2 ** 20)} MiB`)
  }
  return footprints
}
