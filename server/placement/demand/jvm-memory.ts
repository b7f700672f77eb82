import type { Flag, JvmFlags } from './jvm-flags.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30

/** HotSpot's built-in maximum heap: 96 MiB, times 1.3 for the wider pointers of 64 bits. */
const SMALL_HEAP_BYTES = 96 * 1.3 * MIB
const DEFAULT_MAX_PERCENTAGE = 25
const DEFAULT_MIN_PERCENTAGE = 50

/** Libraries, metaspace and collector of a small program: 51 to 90 MB beside the heap, measured with OpenJDK 17. */
const BASE_BYTES = 64 * MIB
const DEFAULT_STACK_BYTES = MIB
const DEFAULT_CODE_CACHE_BYTES = 240 * MIB
/** A code cache is a maximum: programs fill a part of it. */
const CODE_CACHE_SHARE = 0.2
/** Metaspace, native buffers and card tables grow with the heap, up to a point. */
const GROWTH_SHARE = 0.25
const MAX_GROWTH_BYTES = GIB
/** A limit must only catch runaways: room for this many threads and for native memory nobody announced. */
const LIMIT_THREADS = 256
const LIMIT_SPARE_BYTES = 512 * MIB

/** Whether the heap is fixed by the command alone, whatever machine it runs on. */
export function isHeapFixed(flags: JvmFlags): boolean {
  return flags.maxHeap !== undefined || flags.maxRam !== undefined
}

/**
 * The largest heap the JVM will take where it sees `ramBytes` of memory (its cgroup's limit), and why. HotSpot,
 * `arguments.cpp`, set_heap_size: a quarter of the memory but not less than its built-in maximum, or half of a memory
 * too small for that; never below the initial heap.
 */
export function maxHeap(flags: JvmFlags, ramBytes: number): Flag {
  if (flags.maxHeap !== undefined) return flags.maxHeap
  const seenBytes = flags.maxRam?.value ?? ramBytes
  const share = flags.maxRamPercentage?.value ?? DEFAULT_MAX_PERCENTAGE
  const small = (seenBytes * (flags.minRamPercentage?.value ?? DEFAULT_MIN_PERCENTAGE)) / 100
  const large = Math.max((seenBytes * share) / 100, SMALL_HEAP_BYTES)
  const value = Math.round(small < SMALL_HEAP_BYTES ? small : large)
  if (flags.initialHeap !== undefined && flags.initialHeap.value > value) return flags.initialHeap
  const rule = flags.maxRamPercentage?.from ?? `default heap, ${DEFAULT_MAX_PERCENTAGE} %`
  return { value, from: flags.maxRam === undefined ? rule : `${rule} of ${flags.maxRam.from}` }
}

/** Heap and all that is likely beside it, bytes. */
export function likelyBytes(flags: JvmFlags, heapBytes: number, threads: number): number {
  const codeCache = CODE_CACHE_SHARE * (flags.codeCache?.value ?? DEFAULT_CODE_CACHE_BYTES)
  const growth = Math.min(GROWTH_SHARE * heapBytes, MAX_GROWTH_BYTES)
  const direct = flags.maxDirectMemory?.value ?? 0
  const stacks = threads * (flags.stack?.value ?? DEFAULT_STACK_BYTES)
  return Math.round(heapBytes + BASE_BYTES + codeCache + growth + direct + stacks)
}

/**
 * A limit that a JVM of this heap does not reach in its right mind, bytes. Direct memory counts in full: without a
 * flag it may grow as large as the heap.
 */
export function limitBytes(flags: JvmFlags, heapBytes: number): number {
  const direct = flags.maxDirectMemory?.value ?? heapBytes
  const codeCache = flags.codeCache?.value ?? DEFAULT_CODE_CACHE_BYTES
  const stacks = LIMIT_THREADS * (flags.stack?.value ?? DEFAULT_STACK_BYTES)
  return heapBytes + direct + codeCache + stacks + LIMIT_SPARE_BYTES
}
