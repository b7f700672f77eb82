import type { Mac } from '../../config/values/mac.ts'
import type { Now } from '../../protocol/log.ts'

/** Packets a machine may send per second, and at once after a pause. No firmware comes near. */
const PER_SECOND = 20
const BURST = 40
/** Machines remembered; beyond that all are forgotten at once, which only ever lets packets through. */
const MAX_MACHINES = 4096

/** Whether this machine's packet is within its rate (a token bucket per machine). */
export function createRateLimit(now: Now): (mac: Mac) => boolean {
  const buckets = new Map<Mac, { readonly tokens: number; readonly atMs: number }>()
  return mac => {
    const nowMs = now()
    const before = buckets.get(mac) ?? { tokens: BURST, atMs: nowMs }
    const refill = (Math.max(0, nowMs - before.atMs) / 1000) * PER_SECOND
    const tokens = Math.min(BURST, before.tokens + refill)
    if (!buckets.has(mac) && buckets.size >= MAX_MACHINES) buckets.clear()
    buckets.set(mac, { tokens: Math.max(0, tokens - 1), atMs: nowMs })
    return tokens >= 1
  }
}
