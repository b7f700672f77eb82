import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** Where the two small programs lie on a node and on an installed server. */
const INSTALLED = '/usr/lib/godwit'

/**
 * The path of `godwit-deputy` or `godwit-keeper`: what the environment names (GODWIT_DEPUTY, GODWIT_KEEPER), what
 * native/build made in `builtDir`, where there is one, or the installed one.
 */
export function nativeProgram(
  name: 'deputy' | 'keeper',
  environment: Readonly<Record<string, string | undefined>>,
  builtDir?: string,
): string {
  const named = environment[`GODWIT_${name.toUpperCase()}`]
  if (named !== undefined && named !== '') return named
  const built = builtDir === undefined ? undefined : join(builtDir, `godwit-${name}`)
  return built !== undefined && existsSync(built) ? built : join(INSTALLED, `godwit-${name}`)
}
