import type { LoaderName } from '../../config/values/loader-name.ts'

/** How a machine has taken its loaders since the server started. */
export type LoaderTrial = {
  /** The loader it fetched last and has not called back from. */
  readonly sent: { readonly name: LoaderName; readonly atMs: number } | undefined
  /** Those it fetched and was not heard from again, in this order. */
  readonly failed: readonly LoaderName[]
}

/** A machine nothing is known of. */
export const UNTRIED: LoaderTrial = { sent: undefined, failed: [] }

/** The slowest loader seen asked DHCP 8 s after it was fetched, on a machine that was emulated. */
const CALL_BACK_MS = 20_000
/** A machine that asks later than this was off meanwhile, which says nothing of its loader. */
const FORGET_MS = 15 * 60_000

/** The machine has fetched a loader whole. */
export function afterSent(trial: LoaderTrial, name: LoaderName, nowMs: number): LoaderTrial {
  return { ...trial, sent: { name, atMs: nowMs } }
}

/** The loader asks DHCP, so it runs and drives the network card: `worked` names it. */
export function afterCallBack(trial: LoaderTrial): { trial: LoaderTrial; worked: LoaderName | undefined } {
  return { trial: UNTRIED, worked: trial.sent?.name }
}

/**
 * The firmware asks again. If it has fetched a loader meanwhile and that one never called back, it has failed: it hangs,
 * or does not drive the card. Where all have failed it goes round again.
 */
export function afterAsked(trial: LoaderTrial, nowMs: number): LoaderTrial {
  const { sent, failed } = trial
  if (sent === undefined || nowMs - sent.atMs < CALL_BACK_MS) return trial
  if (nowMs - sent.atMs > FORGET_MS) return { sent: undefined, failed }
  return { sent: undefined, failed: failed.includes(sent.name) ? [sent.name] : [...failed, sent.name] }
}
