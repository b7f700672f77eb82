const UNIT_MS: Readonly<Record<string, number>> = {
  '': 1000,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** A time as timeout(1) takes it, in milliseconds: `90`, `1.5s`, `2m`, `1h`, `1d`; `undefined` when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)([smhd]?)$/.exec(text)
  const durationMs = Math.round(Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN))
  return durationMs > 0 && Number.isSafeInteger(durationMs) ? durationMs : undefined
}
