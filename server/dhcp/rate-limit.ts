import type { Mac } from '../../config/values/mac.ts'
import type { Now } from '../../protocol/log.ts'

/** Packets a machine may send per second, and at once after a pause. No firmware comes near. */
const PER_SECOND = 200
const BURST = 400
/** Machines remembered; beyond that all are forgotten at once, which only ever lets packets through. */
const MAX_MACHINES = 16_384

type Bucket = { tokens: number; atMs: number }

/** Whether this machine's packet is within its rate (a token bucket per machine). */
export function createRateLimit(now: Now): (mac: Mac) => boolean {
  const buckets = new Map<Mac, Bucket>()
  return mac => {
    const nowMs = now()
    const bucket = buckets.get(mac)
    if (bucket === undefined) {
      if (buckets.size >= MAX_MACHINES) buckets.clear()
      buckets.set(mac, { tokens: BURST - 1, atMs: nowMs })
      return true
    }
    const refill = (Math.max(0, nowMs - bucket.atMs) / 1000) * PER_SECOND
    const tokens = Math.min(BURST, bucket.tokens + refill)
    bucket.atMs = nowMs
    bucket.tokens = Math.max(0, tokens - 1)
    return tokens >= 1
  }
}
