/** The variables of a file, or its first line that is none. */
export type ParsedEnv =
  | { readonly kind: 'env'; readonly variables: ReadonlyMap<string, string> }
  | { readonly kind: 'bad'; readonly line: number; readonly reason: string }

/**
 * Reads an environment file as `docker run --env-file` does: one `NAME=value` a line, taken as it is, with no quotes
 * and nothing expanded; a `NAME` alone takes the value it has in `environment`, if any; `#` begins a comment only at
 * the start of a line.
 */
export function parseEnvFile(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): ParsedEnv {
  const variables = new Map<string, string>()
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trimStart()
    if (line === '' || line.startsWith('#')) continue
    const [name = '', ...rest] = line.split('=')
    if (!/^[A-Za-z_]\w*$/.test(name))
      return { kind: 'bad', line: index + 1, reason: `"${name.slice(0, 40)}" is not the name of a variable` }
    if (line.includes('\0')) return { kind: 'bad', line: index + 1, reason: 'it has a NUL' }
    const value = rest.length === 0 ? environment[name] : rest.join('=')
    if (value !== undefined) variables.set(name, value)
  }
  return { kind: 'env', variables }
}
