import { COMMAND_LINE, type JvmOption } from './jvm-command.ts'

/** A figure and the option it comes from, as a person wrote it, e.g. `-Xmx2g` or `-Xmx2g in JDK_JAVA_OPTIONS`. */
export type Flag = { readonly value: number; readonly from: string }

/** The options of a JVM that say what it will want. Sizes are bytes; a missing key was not given. */
export type JvmFlags = {
  readonly maxHeap?: Flag
  readonly initialHeap?: Flag
  readonly stack?: Flag
  readonly maxRam?: Flag
  readonly maxRamPercentage?: Flag
  readonly minRamPercentage?: Flag
  readonly maxRamFraction?: Flag
  readonly minRamFraction?: Flag
  readonly activeProcessors?: Flag
  readonly maxDirectMemory?: Flag
  readonly codeCache?: Flag
  readonly maxMetaspace?: Flag
  /** An index into {@link COLLECTORS}. */
  readonly collector?: Flag
}

/** The collectors that can be asked for by `-XX:+Use…GC`. */
export const COLLECTORS = ['Serial', 'Parallel', 'G1', 'Z', 'Shenandoah', 'Epsilon', 'ConcMarkSweep'] as const
/** One of {@link COLLECTORS}. */
export type Collector = (typeof COLLECTORS)[number]

const UNIT: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

/** A size as HotSpot takes it: decimal or 0x…, and one of k, m, g, t. Zero means "your choice", so it is no size. */
function size(text: string): number | undefined {
  const match = /^(0x[\da-f]{1,13}|\d{1,15})([kmgt]?)$/i.exec(text)
  const value = Number(match?.[1]) * (UNIT[match?.[2]?.toLowerCase() ?? ''] ?? 1)
  return value > 0 && Number.isSafeInteger(value) ? value : undefined
}

function kibibytes(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) && Number(text) > 0 ? Number(text) * 2 ** 10 : undefined
}

function percentage(text: string): number | undefined {
  const value = /^\d{1,3}(?:\.\d+)?$/.test(text) ? Number(text) : 0
  return value > 0 && value <= 100 ? value : undefined
}

function count(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) > 0 ? Number(text) : undefined
}

function collector(text: string): number | undefined {
  const index = COLLECTORS.indexOf(text as Collector)
  return index < 0 ? undefined : index
}

type Reader = {
  readonly flag: keyof JvmFlags
  readonly pattern: RegExp
  readonly read: (text: string) => number | undefined
}

/**
 * Every spelling we know; `-mx`, `-ms`, `-ss` are from JDK 1.0 and still taken. `InitialRAMPercentage` is none of them:
 * the initial heap never makes the largest one larger (seen with OpenJDK 17).
 */
const READERS: readonly Reader[] = [
  { flag: 'maxHeap', pattern: /^(?:-Xmx|-mx|-XX:MaxHeapSize=)(.+)$/, read: size },
  { flag: 'initialHeap', pattern: /^(?:-Xms|-ms|-XX:InitialHeapSize=)(.+)$/, read: size },
  { flag: 'stack', pattern: /^(?:-Xss|-ss)(.+)$/, read: size },
  { flag: 'stack', pattern: /^-XX:ThreadStackSize=(.+)$/, read: kibibytes },
  { flag: 'maxRam', pattern: /^-XX:MaxRAM=(.+)$/, read: size },
  { flag: 'maxRamPercentage', pattern: /^-XX:MaxRAMPercentage=(.+)$/, read: percentage },
  { flag: 'minRamPercentage', pattern: /^-XX:MinRAMPercentage=(.+)$/, read: percentage },
  { flag: 'activeProcessors', pattern: /^-XX:ActiveProcessorCount=(.+)$/, read: count },
  { flag: 'maxDirectMemory', pattern: /^-XX:MaxDirectMemorySize=(.+)$/, read: size },
  { flag: 'maxRamFraction', pattern: /^-XX:MaxRAMFraction=(.+)$/, read: count },
  { flag: 'minRamFraction', pattern: /^-XX:MinRAMFraction=(.+)$/, read: count },
  { flag: 'maxMetaspace', pattern: /^-XX:MaxMetaspaceSize=(.+)$/, read: size },
  { flag: 'collector', pattern: /^-XX:\+Use(.+)GC$/, read: collector },
  { flag: 'codeCache', pattern: /^-XX:ReservedCodeCacheSize=(.+)$/, read: size },
]

function readOne({ text, source }: JvmOption): JvmFlags {
  for (const { flag, pattern, read } of READERS) {
    const value = read(pattern.exec(text)?.[1] ?? '')
    if (value === undefined) continue
    return { [flag]: { value, from: source === COMMAND_LINE ? text : `${text} in ${source}` } }
  }
  return {}
}

/**
 * What the options say, the last of each kind winning. One that HotSpot would not take is passed over: the JVM will
 * tell the user itself.
 */
export function readJvmFlags(options: readonly JvmOption[]): JvmFlags {
  const flags: JvmFlags = {}
  for (const option of options) Object.assign(flags, readOne(option))
  return flags
}
