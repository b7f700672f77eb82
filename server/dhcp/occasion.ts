import type { Now } from '../../protocol/log.ts'

/** Whether this text is due again: at most once in `intervalMs` for each text, so that a flood is one line. */
export function createOccasion(now: Now, intervalMs: number): (text: string) => boolean {
  const saidAtMs = new Map<string, number>()
  return text => {
    const nowMs = now()
    const lastMs = saidAtMs.get(text)
    if (lastMs !== undefined && nowMs - lastMs < intervalMs) return false
    saidAtMs.set(text, nowMs)
    return true
  }
}
