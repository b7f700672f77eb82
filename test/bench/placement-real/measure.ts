import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WORK_DIR } from '../../../cli/paths.ts'
import { labDown } from '../../../lab/service.ts'
import { benchImage } from '../boot/bench-image.ts'
import { measureFootprints } from './calibrate.ts'
import { type FleetPlace, withFleet } from './fleet.ts'
import { LARGEST, MACHINES } from './machines.ts'
import type { Policy } from './policies.ts'
import { type Progress, readProgress, writeProgress } from './progress.ts'
import { playTurn } from './turn.ts'
import { jobsOf, type Plan } from './workload.ts'

/** This bench's own folder in a clone. */
const FOLDER = join(WORK_DIR, 'bench', 'placement-real')
/** Where a run keeps what it has measured so far. */
export const PROGRESS_PATH = join(FOLDER, 'progress.json')

/** What is to be done. With `resume` a run of the same plan that was stopped goes on where it was. */
export type MeasureOptions = {
  readonly plan: Plan
  readonly policies: readonly Policy[]
  readonly resume: boolean
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/**
 * Measures the programs alone, then has each policy place the same jobs on machines that have just booted. What was
 * measured is on disk after each step. Throws LabFailure or GodwitError.
 */
export async function measureReal(options: MeasureOptions): Promise<Progress> {
  const { plan, policies, resume, signal, say } = options
  const { imageDir, digest } = await benchImage(join(FOLDER, 'images'), say)
  const labDir = join(FOLDER, 'lab')
  await labDown({ labDir, onProgress: say })
  const place: FleetPlace = { labDir, imageDir, seed: plan.seed, signal, say }
  let progress = await begin(options, digest)
  const keep = async (change: Partial<Progress>) => {
    progress = { ...progress, ...change }
    await writeProgress(PROGRESS_PATH, progress)
  }
  const common = { folder: join(FOLDER, 'events'), signal, say }
  await rm(common.folder, { recursive: true, force: true })
  if (progress.footprints === null) {
    say('each program alone')
    const measured = await withFleet('round-robin', [LARGEST], place, fleet =>
      measureFootprints(fleet, common),
    )
    await keep({ footprints: [...measured] })
  }
  const turnOptions = { ...common, footprints: progress.footprints ?? [] }
  for (const policy of policies) {
    if (progress.turns.some(turn => turn.policy === policy)) continue
    say(`${plan.jobs} jobs placed by ${policy}`)
    const turn = await withFleet(policy, MACHINES, place, async fleet => ({
      policy,
      machines: fleet.machines.map(({ node: _, ...machine }) => machine),
      ...(await playTurn(fleet, jobsOf(plan), turnOptions)),
    }))
    await keep({
      turns: [
        ...progress.turns,
        { ...turn, jobs: turn.jobs.map(job => ({ ...job, nodes: [...job.nodes] })) },
      ],
    })
  }
  if (!resume) return progress
  // In the order asked for, and no others than asked for.
  return {
    ...progress,
    turns: policies.flatMap(policy => progress.turns.filter(turn => turn.policy === policy)),
  }
}

async function begin({ plan, resume, say }: MeasureOptions, imageDigest: string): Promise<Progress> {
  const before = resume ? await readProgress(PROGRESS_PATH, plan, imageDigest) : undefined
  if (before !== undefined)
    say(`goes on: ${before.turns.map(({ policy }) => policy).join(', ') || 'no turn'} done before`)
  else if (resume) say('no stopped run of this plan and image: begins anew')
  return before ?? { plan, startedAt: new Date().toISOString(), imageDigest, footprints: null, turns: [] }
}
