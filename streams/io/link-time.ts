import { PULSE_MS } from '../link-health.ts'

/**
 * Time as links need it: milliseconds of a clock that nobody sets, and something that calls `beat` every `PULSE_MS`
 * until the returned function is called.
 */
export type LinkTime = { readonly now: () => number; readonly pulse: (beat: () => void) => () => void }

/** The real time; it keeps no program alive. */
export const LINK_TIME: LinkTime = {
  now: () => performance.now(),
  pulse(beat) {
    const timer = setInterval(beat, PULSE_MS)
    timer.unref()
    return () => clearInterval(timer)
  },
}
