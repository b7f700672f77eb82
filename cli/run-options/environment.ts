import { readFile } from 'node:fs/promises'
import { GodwitError } from '../../protocol/errors.ts'
import { parseEnvFile } from './env-file.ts'

/**
 * `environment` with the variables of these files, of which a later one goes before an earlier one. Rejects with
 * GW_CONFIG_INVALID, which names the file and the line.
 */
export async function withEnvFiles(
  environment: Readonly<NodeJS.ProcessEnv>,
  paths: readonly string[],
): Promise<NodeJS.ProcessEnv> {
  const all = { ...environment }
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch((error: Error) => {
      throw new GodwitError('GW_CONFIG_INVALID', `--env-file: ${error.message}`)
    })
    const parsed = parseEnvFile(text, environment)
    if (parsed.kind === 'bad')
      throw new GodwitError('GW_CONFIG_INVALID', `--env-file: ${path}, line ${parsed.line}: ${parsed.reason}`)
    for (const [name, value] of parsed.variables) all[name] = value
  }
  return all
}
