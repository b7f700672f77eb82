/** A link says something at least this often, so that silence means something. */
export const PULSE_MS = 2000
/** After this silence a connection counts as broken though nobody closed it: another one is tried. */
const SILENT_MS = 5000
/** A break that lasts longer ends the runs, on both sides: who waits for them must know within 15 s. */
export const BREAK_LIMIT_MS = 12_000

/** How a link is after a silence. */
export type LinkHealth = 'alive' | 'silent' | 'over'

/** What a silence of `silentMs` (since the last octet of the other side) means. */
export function linkHealth(silentMs: number): LinkHealth {
  if (silentMs >= BREAK_LIMIT_MS) return 'over'
  return silentMs >= SILENT_MS ? 'silent' : 'alive'
}
