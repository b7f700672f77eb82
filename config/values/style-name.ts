/**
 * The ways to write the boot half of a DHCP reply to firmware; server/dhcp/styles/style.ts says what each writes.
 * A machine can be given one by name (`boot.machines[].style`).
 */
export const STYLE_NAMES = [
  'direct',
  'prompt',
  'redirect',
  'menu',
  'plain',
  'lean',
  'request',
  'raspberry-pi',
  'http',
  'http-header',
] as const
/** One of the {@link STYLE_NAMES}. */
export type StyleName = (typeof STYLE_NAMES)[number]
