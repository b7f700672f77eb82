/**
 * Loops of a fixed integer-and-memory kernel done in `timeMs`, by the clock `nowMs`. Each loop mixes a hash over
 * 256 KiB in a scattered order: arithmetic and second-level cache, as most of what a JVM does. It must not use
 * anything outside itself, because its source text is also what the worker threads run.
 */
export function runKernel(timeMs: number, nowMs: () => number): { loops: number; elapsedMs: number } {
  const words = new Uint32Array(65_536)
  const start = nowMs()
  let loops = 0
  let hash = 1
  let elapsedMs = 0
  while (elapsedMs < timeMs) {
    for (let step = 0; step < 2048; step += 1) {
      const at = (hash >>> 7) & 65_535
      hash = (Math.imul(hash ^ (words[at] ?? 0), 0x9e3779b1) + step) | 0
      words[at] = hash
    }
    loops += 1
    elapsedMs = nowMs() - start
  }
  return { loops, elapsedMs }
}
