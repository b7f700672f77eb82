/**
 * How a client is fed. `brisk`: with the chunks that all share, which cost the least CPU but stay in memory until the
 * client has taken them. `slow`: with small pieces of its own, so that a thousand clients that hardly take anything,
 * each at another place in the file, hold little.
 */
export type Pace = 'slow' | 'brisk'

/** A piece that was taken so fast makes a client brisk: 64 KiB in this time are 640 KB/s, less than a 10 Mbit/s link. */
const BRISK_MS = 100
/** A chunk that took so long makes it slow again. */
const SLOW_MS = 1000

/** Every client begins `slow`: its first octets must leave at once, and nothing is known of it. */
export function nextPace(pace: Pace, tookMs: number): Pace {
  if (pace === 'slow') return tookMs < BRISK_MS ? 'brisk' : 'slow'
  return tookMs > SLOW_MS ? 'slow' : 'brisk'
}
