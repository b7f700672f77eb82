import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { POLICIES } from './policies.ts'
import type { Plan } from './workload.ts'

const Job = z.object({
  id: z.number(),
  command: z.string(),
  askedS: z.number(),
  endS: z.number(),
  aloneS: z.number(),
  isDone: z.boolean(),
  oomKills: z.number(),
  nodes: z.array(z.string().nullable()),
  cpuSeconds: z.number().nullable(),
  why: z.string().nullable(),
})

/** Everything a run has measured so far; on disk after each step, so that a run that was stopped goes on from there. */
export const Progress = z.object({
  plan: z.object({ jobs: z.number(), seed: z.number(), gapS: z.number() }),
  startedAt: z.string(),
  imageDigest: z.string(),
  footprints: z
    .array(z.object({ program: z.string(), overheadS: z.number(), peakMemoryBytes: z.number() }))
    .nullable(),
  turns: z.array(
    z.object({
      policy: z.enum(POLICIES),
      ownCores: z.number(),
      otherCores: z.number(),
      machines: z.array(
        z.object({ name: z.string(), cpus: z.number(), memoryBytes: z.number(), speed: z.number() }),
      ),
      jobs: z.array(Job),
    }),
  ),
})
export type Progress = z.output<typeof Progress>

/** What a stopped run of this plan with this image left; `undefined` where there is nothing to go on from. */
export async function readProgress(
  path: string,
  plan: Plan,
  imageDigest: string,
): Promise<Progress | undefined> {
  const document: unknown = await readFile(path, 'utf8')
    .then(text => JSON.parse(text))
    .catch(() => undefined)
  const read = Progress.safeParse(document)
  if (!read.success || read.data.imageDigest !== imageDigest) return undefined
  const { jobs, seed, gapS } = read.data.plan
  return jobs === plan.jobs && seed === plan.seed && gapS === plan.gapS ? read.data : undefined
}

/** Writes it whole or not at all. */
export async function writeProgress(path: string, progress: Progress): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, `${JSON.stringify(progress, null, 1)}\n`)
  await rename(`${path}.new`, path)
}
