/** Ctrl-], the key that leaves a console, as telnet and `virsh console` have it. */
const ESCAPE_BYTE = 0x1d

/** What a terminal shows when a console opens. */
export const LEAVE_HINT = '[Ctrl-] leaves the console]\r\n'

/** What was typed before the escape key, and whether that key was typed at all. */
export function splitAtEscape(typed: Uint8Array): {
  readonly before: Uint8Array
  readonly escaped: boolean
} {
  const at = typed.indexOf(ESCAPE_BYTE)
  return at < 0 ? { before: typed, escaped: false } : { before: typed.subarray(0, at), escaped: true }
}
