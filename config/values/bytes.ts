import * as z from 'zod'

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
}

/**
 * The number of bytes in `text`: a plain number, or one with `K`, `M`, `G`, `T` (powers of 1024, optional
 * `B`/`iB`), e.g. `512M`, `1.5GiB`. `undefined` when it is none of these.
 */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?\s*$/i.exec(text)
  const factor = UNITS[match?.[2]?.toLowerCase() ?? 'none']
  return match?.[1] === undefined || factor === undefined ? undefined : Math.round(Number(match[1]) * factor)
}

const UNIT_NAMES = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** `sizeBytes` for people: `612 MiB`, `1.5 GiB`; three significant digits at the most. */
export function formatBytes(sizeBytes: number): string {
  let power = 0
  let value = sizeBytes
  for (; value >= 1024 && power < UNIT_NAMES.length - 1; power += 1) value /= 1024
  const steps = value >= 100 || power === 0 ? 1 : value >= 10 ? 10 : 100
  return `${Math.round(value * steps) / steps} ${UNIT_NAMES[power]}`
}

/** A size in bytes: a number, or text as {@link parseBytes} reads it. */
export const Bytes = z.union([z.number().int().nonnegative(), z.string()]).transform((value, context) => {
  const sizeBytes = typeof value === 'number' ? value : parseBytes(value)
  if (sizeBytes !== undefined) return sizeBytes
  context.addIssue(`not a size: "${value}" (write 512M, 1.5GiB or a number of bytes)`)
  return z.NEVER
})
