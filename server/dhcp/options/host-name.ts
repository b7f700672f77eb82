import { readText } from './value.ts'

/** The host name hint in option 12, or `undefined` unless it is one plain label (RFC 1123 §2.1). */
export function readHostName(value: Uint8Array | undefined): string | undefined {
  const name = value === undefined ? '' : readText(value)
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(name) ? name : undefined
}
