import type { Now } from '../../protocol/log.ts'
import { PULSE_MS } from '../link-health.ts'

/** Time as links need it: a clock, and something that calls `beat` every `PULSE_MS` until the returned function is called. */
export type LinkTime = { readonly now: Now; readonly pulse: (beat: () => void) => () => void }

/** The real time; it keeps no program alive. */
export const LINK_TIME: LinkTime = {
  now: Date.now,
  pulse(beat) {
    const timer = setInterval(beat, PULSE_MS)
    timer.unref()
    return () => clearInterval(timer)
  },
}
