/** The three machines of a run, unequal in processors and memory. */
export const MACHINES = [
  { name: 'small', cpus: 1, memoryMiB: 1536 },
  { name: 'medium', cpus: 1, memoryMiB: 2048 },
  { name: 'large', cpus: 2, memoryMiB: 3072 },
] as const

/** The machine that suits every job best: on it is measured how long a job takes alone. */
export const LARGEST = MACHINES[2]

/**
 * One machine as it was found when it had booted: memory in bytes, what its own system needs taken off, and the speed of
 * one of its processors while all work, as it measured itself.
 */
export type FoundMachine = {
  readonly name: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly speed: number
}

/** Emulated processors are all of one kind; measured on a host that is their own they differ by less than this. */
const MOST_SPREAD = 2

/**
 * Why nothing can be compared on these machines, or `undefined`: where their speeds differ, the host was so busy as they
 * booted that `godwit`, which goes by them, would be judged by that.
 */
export function unequalSpeeds(machines: readonly FoundMachine[]): string | undefined {
  const speeds = machines.map(({ speed }) => speed)
  if (Math.max(...speeds) <= MOST_SPREAD * Math.min(...speeds)) return undefined
  const told = machines.map(({ name, speed }) => `${name} ${speed}`).join(', ')
  return `the host is too busy: equal processors measured themselves as unequal (${told})`
}

/** The machines in order, in groups that have no more processors together than `cpus`, or are one machine. */
export function batchesOf<T extends { readonly cpus: number }>(
  machines: readonly T[],
  cpus: number,
): readonly (readonly T[])[] {
  const batches: T[][] = []
  let free = 0
  for (const machine of machines) {
    const last = batches.at(-1)
    if (last === undefined || machine.cpus > free) {
      batches.push([machine])
      free = cpus - machine.cpus
    } else {
      last.push(machine)
      free -= machine.cpus
    }
  }
  return batches
}
