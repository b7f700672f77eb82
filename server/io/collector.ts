import { setFlagsFromString } from 'node:v8'

/**
 * Has this process collect its short-lived garbage alone. V8 would split each round of half a millisecond among helper
 * threads and wait for the last of them, and leave it to another one to free the buffers of packets, for which the next
 * round waits. On a server whose processors are busy a helper gets its turn milliseconds later, and all packets wait with
 * us. V8 reads both settings anew for each round. Long rounds (of old garbage) keep their helpers.
 */
export function collectAlone(): void {
  setFlagsFromString('--no-parallel-scavenge')
  setFlagsFromString('--no-concurrent-array-buffer-sweeping')
}
