import { NO_PLEDGE } from '../../../server/simulation/policies/books.ts'
import type { CreatePolicy, Policy } from '../../../server/simulation/policy.ts'
import { GIB, type Job, type Machine } from '../../../server/simulation/scenario.ts'

/** Reports that are always fresh, and remote starts that cost nothing. */
export const IDEAL = { reportEveryS: 0, remoteStartS: 0 }

/** A machine of one core, speed 1 and a gibibyte, but for what is given. */
export function machine(change: Partial<Machine> = {}): Machine {
  return { name: 'm', cores: 1, speed: 1, memoryBytes: GIB, ...change }
}

/** A job of one thread and next to no memory that comes at once. */
export function job(id: number, change: Partial<Job> = {}): Job {
  return {
    id,
    arrivalS: 0,
    workS: 1,
    threads: 1,
    memoryBytes: 1,
    hintBytes: null,
    command: ['true'],
    home: null,
    ...change,
  }
}

/** Puts job `id` on host `hosts[id]`. */
export function fixed(hosts: readonly number[]): Policy {
  return { choose: ({ id }) => ({ host: hosts[id] ?? 0, pledge: NO_PLEDGE }) }
}

/** Everything on the first host. */
export const toTheFirst: CreatePolicy = () => fixed([])
