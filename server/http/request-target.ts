/**
 * The path and query of a request target (RFC 9112 §3.2): absolute-form, as sent to a proxy and by some firmware,
 * loses scheme and authority. The Host header decides nothing here either: some EDK2 leaves its port out.
 */
export function pathOf(target: string): string {
  const authority = /^https?:\/\/[^/?#]*/i.exec(target)?.[0]
  if (authority === undefined) return target
  const rest = target.slice(authority.length)
  return rest.startsWith('/') ? rest : `/${rest}`
}
