import { bursts, poisson } from './arrivals.ts'
import { kernelBuild } from './kernel-build.ts'
import { mixed, type Spread } from './mixed.ts'
import { pareto } from './pareto.ts'
import type { Workload } from './workload.ts'

const USUAL: Spread = { life: 0.8, memory: 0.25 }
const HIGH: Spread = { life: 1.4, memory: 0.7 }

/** Every workload by its name on the command line. */
export const WORKLOADS: readonly Workload[] = [
  {
    name: 'j1',
    about: 'forty programs, mixed threads, memory and life, on unequal machines',
    nodes: 16,
    jobs: 3000,
    create: mixed(poisson, USUAL),
  },
  {
    name: 'j1-bursts',
    about: 'the same in bursts of about sixteen',
    nodes: 16,
    jobs: 3000,
    create: mixed(bursts, USUAL),
  },
  {
    name: 'j1-high-variance',
    about: 'the same, runs of one program unlike each other',
    nodes: 16,
    jobs: 3000,
    create: mixed(poisson, HIGH),
  },
  {
    name: 'pareto',
    about: "Harchol-Balter's regime: lives of which 1/t outlive t, one processor per host",
    nodes: 6,
    jobs: 10_000,
    create: pareto,
  },
  {
    name: 'kernel-build',
    about: 'make -j64 from one machine, compilers of 0.2 to 3 s',
    nodes: 16,
    jobs: 2000,
    create: kernelBuild,
  },
]

/** The workload of that name. */
export function findWorkload(name: string): Workload | undefined {
  return WORKLOADS.find(workload => workload.name === name)
}
