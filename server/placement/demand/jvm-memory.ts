import { COLLECTORS, type Collector, type Flag, type JvmFlags } from './jvm-flags.ts'

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
/** Code cache and metaspace are maxima: programs fill a part of them. */
const FILLED_SHARE = 0.2
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

/** The older fractions (`MaxRAMFraction=4`: a quarter) still hold where no percentage is given. */
function percentage(given: Flag | undefined, fraction: Flag | undefined, byDefault: number): number {
  return given?.value ?? (fraction === undefined ? byDefault : 100 / fraction.value)
}

/**
 * The largest heap the JVM will take where it sees `ramBytes` of memory (its cgroup's limit), and why. HotSpot,
 * `arguments.cpp`, set_heap_size: a quarter of the memory but not less than its built-in maximum, or half of a memory
 * too small for that; never below the initial heap.
 */
export function maxHeap(flags: JvmFlags, ramBytes: number): Flag {
  if (flags.maxHeap !== undefined) return flags.maxHeap
  const seenBytes = flags.maxRam?.value ?? ramBytes
  const share = percentage(flags.maxRamPercentage, flags.maxRamFraction, DEFAULT_MAX_PERCENTAGE)
  const small =
    (seenBytes * percentage(flags.minRamPercentage, flags.minRamFraction, DEFAULT_MIN_PERCENTAGE)) / 100
  const large = Math.max((seenBytes * share) / 100, SMALL_HEAP_BYTES)
  const value = Math.round(small < SMALL_HEAP_BYTES ? small : large)
  if (flags.initialHeap !== undefined && flags.initialHeap.value > value) return flags.initialHeap
  const rule =
    (flags.maxRamPercentage ?? flags.maxRamFraction)?.from ?? `default heap, ${DEFAULT_MAX_PERCENTAGE} %`
  return { value, from: flags.maxRam === undefined ? rule : `${rule} of ${flags.maxRam.from}` }
}

/**
 * What a collector keeps per processor it may use, for the threads it starts there and their buffers: native memory
 * tracking of OpenJDK 17.0.15, -XX:ActiveProcessorCount of 1 to 64.
 */
const COLLECTOR_BYTES_PER_PROCESSOR: Partial<Record<Collector, number>> = {
  Parallel: 2.1 * MIB,
  G1: 1.45 * MIB,
  Shenandoah: 0.5 * MIB,
}
/** ZGC's tables, whatever the heap, beyond what is counted for every JVM; same source. */
const Z_BYTES = 64 * MIB
/** Metaspace that is counted for every JVM already. */
const ORDINARY_METASPACE_BYTES = 256 * MIB

function collectorBytes({ collector }: JvmFlags, processors: number): number {
  // On one processor the JVM takes Serial by itself (`is_server_class_machine`), on more G1.
  const chosen = collector === undefined ? (processors < 2 ? 'Serial' : 'G1') : COLLECTORS[collector.value]
  const each = chosen === undefined ? 0 : (COLLECTOR_BYTES_PER_PROCESSOR[chosen] ?? 0)
  return each * processors + (chosen === 'Z' ? Z_BYTES : 0)
}

/** Metaspace beyond the ordinary that a flag makes room for. */
function extraMetaspaceBytes({ maxMetaspace }: JvmFlags): number {
  return Math.max(0, (maxMetaspace?.value ?? 0) - ORDINARY_METASPACE_BYTES)
}

/**
 * Heap and all that is likely beside it, bytes, where the JVM keeps `threads` busy and its collector is made for
 * `processors`.
 */
export function likelyBytes(flags: JvmFlags, heapBytes: number, threads: number, processors: number): number {
  const filled = (flags.codeCache?.value ?? DEFAULT_CODE_CACHE_BYTES) + extraMetaspaceBytes(flags)
  const growth = Math.min(GROWTH_SHARE * heapBytes, MAX_GROWTH_BYTES)
  const direct = flags.maxDirectMemory?.value ?? 0
  const stacks = threads * (flags.stack?.value ?? DEFAULT_STACK_BYTES)
  const collector = collectorBytes(flags, processors)
  return Math.round(heapBytes + BASE_BYTES + FILLED_SHARE * filled + growth + direct + stacks + collector)
}

/**
 * A limit that a JVM of this heap does not reach in its right mind, bytes. Direct memory counts in full: without a
 * flag it may grow as large as the heap.
 */
export function limitBytes(flags: JvmFlags, heapBytes: number): number {
  const direct = flags.maxDirectMemory?.value ?? heapBytes
  const codeCache = flags.codeCache?.value ?? DEFAULT_CODE_CACHE_BYTES
  const stacks = LIMIT_THREADS * (flags.stack?.value ?? DEFAULT_STACK_BYTES)
  return heapBytes + direct + codeCache + stacks + extraMetaspaceBytes(flags) + LIMIT_SPARE_BYTES
}
