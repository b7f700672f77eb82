import { setMaxListeners } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { rounded } from '../stats.ts'
import { aloneS, type Footprint } from './alone.ts'
import type { JobOutcome } from './figures.ts'
import type { Fleet } from './fleet.ts'
import { type HostCores, startHostMeter } from './host-meter.ts'
import { GIVEN_UP_SLOWDOWN, MAX_ATTEMPTS } from './rules.ts'
import { type Attempt, runJob } from './run-job.ts'
import type { PlannedJob } from './workload.ts'

/** One job as it went: where its attempts ran, and why the last was none. */
export type JobRecord = JobOutcome & {
  readonly command: string
  readonly nodes: readonly (string | null)[]
  /** By the last node's count; `null` where it told none. */
  readonly cpuSeconds: number | null
  readonly why: string | null
}

/** How a turn is done. `folder` takes the events of its runs. */
export type TurnOptions = {
  readonly footprints: readonly Footprint[]
  readonly folder: string
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** All jobs of a turn, and how busy the host was meanwhile. */
export type TurnRecord = HostCores & { readonly jobs: readonly JobRecord[] }

/** Asks for each job when it is due and waits for all ends. Rejects by the signal only. */
export async function playTurn(
  fleet: Fleet,
  planned: readonly PlannedJob[],
  options: TurnOptions,
): Promise<TurnRecord> {
  await mkdir(options.folder, { recursive: true })
  // Each job waits by it; Node takes more than ten for a leak.
  setMaxListeners(2 * planned.length, options.signal)
  const stopMeter = await startHostMeter(fleet.lab)
  const startMs = Date.now()
  const jobs = await Promise.all(planned.map(job => playJob(fleet, job, startMs, options)))
  return { jobs, ...(await stopMeter()) }
}

async function playJob(
  { lab, machines }: Fleet,
  job: PlannedJob,
  startMs: number,
  { footprints, folder, signal, say }: TurnOptions,
): Promise<JobRecord> {
  const nowS = () => (Date.now() - startMs) / 1000
  await sleep(Math.max(0, 1000 * (job.arrivalS - nowS())), undefined, { signal })
  const askedS = nowS()
  const alone = aloneS(job, footprints)
  const attempts: Attempt[] = []
  do {
    const limitMs = Math.max(1000, 1000 * (askedS + GIVEN_UP_SLOWDOWN * alone - nowS()))
    const name = `${job.id}-${attempts.length + 1}`
    attempts.push(await runJob(lab, job.size, { folder, name, limitMs, signal }))
  } while (attempts.at(-1)?.oomKilled && attempts.length < MAX_ATTEMPTS)
  const last = attempts.at(-1)
  const nodeName = (node: string | null) => machines.find(one => one.node === node)?.name ?? node
  const record = {
    id: job.id,
    command: `${job.size.program} ${job.size.seconds}`,
    askedS: rounded(askedS),
    endS: rounded(nowS()),
    aloneS: rounded(alone),
    isDone: last?.isDone ?? false,
    oomKills: attempts.filter(({ oomKilled }) => oomKilled).length,
    nodes: attempts.map(({ node }) => nodeName(node)),
    cpuSeconds: last?.cpuSeconds ?? null,
    why: last?.why ?? null,
  }
  const slowdown = ((record.endS - record.askedS) / alone).toFixed(2)
  say(`  ${record.command} s on ${record.nodes.join(', ')}: ${record.why ?? `${slowdown} times alone`}`)
  return record
}
