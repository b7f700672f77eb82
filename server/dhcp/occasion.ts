import type { Now } from '../../protocol/log.ts'

/** Texts remembered; beyond it all are forgotten, which only ever lets a line through. */
const MAX_TEXTS = 4096

/** Whether this text is due again: at most once in `intervalMs` for each text, so that a flood is one line. */
export function createOccasion(now: Now, intervalMs: number): (text: string) => boolean {
  const saidAtMs = new Map<string, number>()
  return text => {
    const nowMs = now()
    const lastMs = saidAtMs.get(text)
    if (lastMs !== undefined && nowMs - lastMs < intervalMs) return false
    if (saidAtMs.size >= MAX_TEXTS) saidAtMs.clear()
    saidAtMs.set(text, nowMs)
    return true
  }
}
