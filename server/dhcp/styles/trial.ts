import type { StyleName } from '../../../config/values/style-name.ts'

/** Silence after the first offer of a style from which on the style counts as failed. */
const STALL_MS = 10_000
/** A new exchange (another xid) says so sooner: the firmware gave up and started over. */
const RESTART_MS = 2_000
/** After this long without a DISCOVER the machine starts again with its best style. */
const FORGET_MS = 3_600_000

/** The offers made to one firmware, up to the boot it begins with one of them. */
export type Trial = {
  /** Styles to try, the best first; never empty. */
  readonly order: readonly StyleName[]
  /** Which of them is offered now. */
  readonly at: number
  readonly xid: number
  /** The first offer in this style, or the last sign that the firmware is getting on with it. */
  readonly sinceMs: number
  readonly lastOfferMs: number
  /** A loader was fetched with this style: the next DISCOVER is another boot. */
  readonly begun: boolean
}

/** What a DISCOVER means for a trial. */
export type Turn = {
  readonly trial: Trial
  /** `exhausted`: every style has failed; it starts over with the first. */
  readonly kind: 'first' | 'same' | 'next' | 'exhausted'
}

/** The first DISCOVER of a firmware nothing is known of. */
export function startTrial(order: readonly StyleName[], xid: number, nowMs: number): Turn {
  return { kind: 'first', trial: { order, at: 0, xid, sinceMs: nowMs, lastOfferMs: nowMs, begun: false } }
}

/** Another DISCOVER: the same style again while it may still work, else the next one. */
export function discoverAgain(trial: Trial, xid: number, nowMs: number): Turn {
  if (trial.begun || nowMs - trial.lastOfferMs > FORGET_MS) {
    const at = trial.begun ? trial.at : 0
    return {
      kind: 'same',
      trial: { order: trial.order, at, xid, sinceMs: nowMs, lastOfferMs: nowMs, begun: false },
    }
  }
  const { order, sinceMs } = trial
  if (!hasStalled(trial, xid, nowMs))
    return {
      kind: 'same',
      trial: { order, at: trial.at, xid: trial.xid, sinceMs, lastOfferMs: nowMs, begun: false },
    }
  const at = (trial.at + 1) % order.length
  return {
    kind: at === 0 ? 'exhausted' : 'next',
    trial: { order, at, xid, sinceMs: nowMs, lastOfferMs: nowMs, begun: false },
  }
}

function hasStalled(trial: Trial, xid: number, nowMs: number): boolean {
  const silenceMs = nowMs - trial.sinceMs
  return silenceMs >= STALL_MS || (xid !== trial.xid && silenceMs >= RESTART_MS)
}

/** The firmware asked on port 4011: it took the offer, and may take its time from here. */
export function gettingOn(trial: Trial, nowMs: number): Trial {
  return { ...trial, sinceMs: nowMs }
}

/** The firmware fetched something: the style works. */
export function succeeded(trial: Trial): Trial {
  return { ...trial, begun: true }
}

/** The style to offer now. */
export function styleNow({ order, at }: Trial): StyleName {
  return order[at] ?? 'direct'
}
