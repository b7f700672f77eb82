/**
 * The codes in option 55, once each; `undefined` when the client sent no list (or an empty one), which means
 * "everything you have" (RFC 2131 §3.5). Garbage codes stay in: nobody has a value for them.
 */
export function readParameterList(value: Uint8Array | undefined): ReadonlySet<number> | undefined {
  return value === undefined || value.length === 0 ? undefined : new Set(value)
}
