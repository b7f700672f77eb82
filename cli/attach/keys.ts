/** What was typed so far that is not decided yet: whether the first of the two keys that leave was the last one. */
export type Keys = { readonly leaving: boolean }

/** Nothing typed. */
export const NO_KEYS: Keys = { leaving: false }

/** As with `docker attach`: ^P, then ^Q. */
const LEAVE = [0x10, 0x11] as const
/** Keys that a terminal makes signals of; a process without a terminal cannot be stopped by one (^Z). */
const SIGNALS: ReadonlyMap<number, string> = new Map([
  [0x03, 'SIGINT'],
  [0x1c, 'SIGQUIT'],
])

/** What typed octets mean for a process that reads nothing: signals for it, and whether to leave it alone now. */
export function readKeys(
  keys: Keys,
  typed: Uint8Array,
): { readonly keys: Keys; readonly signals: readonly string[]; readonly leaves: boolean } {
  const signals: string[] = []
  let { leaving } = keys
  for (const octet of typed) {
    if (leaving && octet === LEAVE[1]) return { keys: NO_KEYS, signals, leaves: true }
    leaving = octet === LEAVE[0]
    const signal = SIGNALS.get(octet)
    if (signal !== undefined) signals.push(signal)
  }
  return { keys: { leaving }, signals, leaves: false }
}
