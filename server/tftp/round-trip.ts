/** What is known of one client's time to answer (RFC 6298 §2), in ms. */
export type RoundTrip = { readonly smoothedMs: number; readonly variationMs: number }

/** The estimate with one more measurement in it; the caller leaves out those of repeated packets (Karn). */
export function measured(before: RoundTrip | undefined, sampleMs: number): RoundTrip {
  const sample = Math.max(0, sampleMs)
  if (before === undefined) return { smoothedMs: sample, variationMs: sample / 2 }
  return {
    variationMs: before.variationMs * 0.75 + Math.abs(before.smoothedMs - sample) * 0.25,
    smoothedMs: before.smoothedMs * 0.875 + sample * 0.125,
  }
}

/** The estimate that makes the next wait `waitMs`: one that was too short is not tried again at once (RFC 6298 §5.5). */
export function backedOff(before: RoundTrip, waitMs: number): RoundTrip {
  return { ...before, variationMs: Math.max(before.variationMs, (waitMs - before.smoothedMs) / 4) }
}
