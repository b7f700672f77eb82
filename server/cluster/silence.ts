/** When a node was last heard, milliseconds since the epoch. */
export type Heard = { readonly id: string; readonly heardAtMs: number }

/** A node that has been silent too long. */
export type Silent = { readonly id: string; readonly silentMs: number }

/**
 * How long the server itself was away between two sweeps: suspended, stopped, or its clock set forward. Silence
 * during that time is ours, not the nodes', and must not cost them their processes.
 */
export function ownPauseMs(lastSweepMs: number, nowMs: number, sweepMs: number): number {
  const lateMs = nowMs - lastSweepMs - sweepMs
  return lateMs > 2 * sweepMs ? lateMs : 0
}

/** The nodes that have been silent for longer than `limitMs`. */
export function silentNodes(heard: readonly Heard[], nowMs: number, limitMs: number): readonly Silent[] {
  return heard
    .map(({ id, heardAtMs }) => ({ id, silentMs: nowMs - heardAtMs }))
    .filter(({ silentMs }) => silentMs > limitMs)
}
