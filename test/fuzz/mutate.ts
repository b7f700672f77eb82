import type { Random } from './random.ts'

/** Values that lengths and counters break at. */
const EDGES = [0, 1, 2, 4, 63, 64, 127, 128, 254, 255] as const
/** A little above what one Ethernet frame holds: fragments come in as well. */
const LONGEST_BYTES = 1600

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array

const MUTATIONS: readonly Mutation[] = [
  // Cut off anywhere.
  (bytes, random) => bytes.slice(0, random.below(bytes.length + 1)),
  // Flip a few bits.
  (bytes, random) => {
    const changed = bytes.slice()
    for (let flips = 1 + random.below(4); flips > 0; flips -= 1) {
      const at = random.below(changed.length || 1)
      changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
    }
    return changed
  },
  // Some byte, perhaps a length, at an edge.
  (bytes, random) => {
    const changed = bytes.slice()
    changed[random.below(changed.length || 1)] = random.pick(EDGES)
    return changed
  },
  // The beginning of one and the end of another.
  (bytes, random, other) => {
    const from = random.below(other.length + 1)
    return join(bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(from))
  },
  // A piece twice.
  (bytes, random) => {
    const start = random.below(bytes.length + 1)
    const end = start + random.below(bytes.length - start + 1)
    return join(bytes.subarray(0, end), bytes.subarray(start))
  },
  // Grown with zeros, with ones, or with anything.
  (bytes, random) => {
    const tail = new Uint8Array(1 + random.below(LONGEST_BYTES))
    const fill = random.below(3)
    if (fill === 1) tail.fill(255)
    return join(bytes, fill === 2 ? random.bytes(tail.length) : tail)
  },
  // A run of random bytes over it.
  (bytes, random) => {
    const changed = bytes.slice()
    const start = random.below(changed.length + 1)
    const run = random.bytes(Math.min(1 + random.below(16), changed.length - start))
    changed.set(run, start)
    return changed
  },
]

/** `bytes` changed in one to three ways; the original stays as it is. At most {@link LONGEST_BYTES}. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let changed = bytes
  for (let rounds = 1 + random.below(3); rounds > 0; rounds -= 1)
    changed = random.pick(MUTATIONS)(changed, random, other)
  return changed.length > LONGEST_BYTES ? changed.slice(0, LONGEST_BYTES) : changed
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const joined = new Uint8Array(head.length + tail.length)
  joined.set(head)
  joined.set(tail, head.length)
  return joined
}
