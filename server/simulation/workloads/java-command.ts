const MIB = 2 ** 20
/**
 * Production takes a JVM to want a quarter more than its heap, and this. Turned around, it is the `-Xmx` of somebody who
 * means a process of so many bytes in all.
 */
const BESIDE_HEAP_BYTES = 116 * MIB
const HEAP_GROWTH = 1.25
const MIN_HEAP_BYTES = 16 * MIB

/** What is typed to run a jar; `hintBytes` is what the whole process shall come to, `null` for no `-Xmx`. */
export function javaCommand(jar: string, hintBytes: number | null): readonly string[] {
  const heapBytes = Math.max(MIN_HEAP_BYTES, Math.round(((hintBytes ?? 0) - BESIDE_HEAP_BYTES) / HEAP_GROWTH))
  return ['java', ...(hintBytes === null ? [] : [`-Xmx${heapBytes}`]), '-jar', jar]
}
