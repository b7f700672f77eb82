import type { Host } from './host.ts'
import type { Pledge, Run } from './run.ts'
import type { Job, Scenario } from './scenario.ts'

/** What a policy may look at. An honest one reads a host's `report` and the runs it placed itself, never `busyThreads`. */
export type Cluster = { readonly hosts: readonly Host[]; readonly nowS: number }

/** Where a run goes and what is set aside for it there. */
export type Choice = { readonly host: number; readonly pledge: Pledge }

/** How a run ended: done, or killed because the node's memory was exceeded. */
export type Ending = 'done' | 'killed'

/** A running process that goes to another host. */
export type Move = { readonly run: Run; readonly to: number }

/** Looks, every so often, for processes to move; while one moves it does not run. */
export type Migration = {
  readonly everyS: number
  readonly bytesPerS: number
  readonly plan: (cluster: Cluster) => readonly Move[]
}

/** One way to place processes. It lives for one simulation and may remember. */
export type Policy = {
  /** `null` lets the job wait until something ends. `attempt` counts from 1. */
  readonly choose: (job: Job, attempt: number, cluster: Cluster) => Choice | null
  readonly ended?: (run: Run, ending: Ending, nowS: number) => void
  readonly migration?: Migration
  /** Asked after each start and end on `changed`, until it knows no better; its moves take no time. */
  readonly relocate?: (cluster: Cluster, changed: number) => Move | undefined
}

/** Makes a policy for one simulation; `seed` is for those that gamble. */
export type CreatePolicy = (scenario: Scenario, seed: number) => Policy
