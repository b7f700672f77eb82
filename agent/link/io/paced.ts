/** From one extra call to the next, at least. */
const LEAST_GAP_MS = 100
/** And so many times as long as the last one took: it never takes more than a twentieth of the time. */
const GAP_BY_COST = 19

/** Work that is wanted often and done seldom. */
export type Paced = {
  /** Does it now, or, where it was done just before, once soon however often it is asked for. */
  ask(): void
  stop(): void
}

/** Paces `work` by what it costs. */
export function paced(work: () => void): Paced {
  let timer: NodeJS.Timeout | undefined
  let notBeforeMs = 0
  const go = (): void => {
    timer = undefined
    const begunMs = performance.now()
    work()
    const tookMs = performance.now() - begunMs
    notBeforeMs = begunMs + tookMs + Math.max(LEAST_GAP_MS, GAP_BY_COST * tookMs)
  }
  return {
    ask() {
      const waitMs = notBeforeMs - performance.now()
      if (timer !== undefined) return
      if (waitMs <= 0) go()
      else timer = setTimeout(go, waitMs)
    },
    stop: () => clearTimeout(timer),
  }
}
