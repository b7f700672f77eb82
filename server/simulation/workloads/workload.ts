import type { Scenario } from '../scenario.ts'

/** What a stream of jobs is drawn by. `load` is the share of all machines' power that it asks for. */
export type Size = {
  readonly load: number
  readonly nodes: number
  readonly jobs: number
  readonly seed: number
}

/** One kind of cluster and work. The same size and seed give the same scenario for every policy. */
export type Workload = {
  readonly name: string
  readonly about: string
  /** Of a usual run. */
  readonly nodes: number
  readonly jobs: number
  readonly create: (size: Size) => Scenario
}
