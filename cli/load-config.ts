import { readFile } from 'node:fs/promises'
import { describeProblems, loadConfig } from '../config/load.ts'
import type { ConfigLayer } from '../config/presets.ts'
import { ServerConfig } from '../config/server.ts'
import { GodwitError } from '../protocol/errors.ts'
import { CONFIG_FILE } from './paths.ts'

/** Where the command line says configuration is. */
export type ConfigOptions = {
  readonly config?: string
  readonly preset?: string
  readonly flags: ConfigLayer
}

/** The server's configuration from all layers; throws GW_CONFIG_INVALID listing every problem. */
export async function loadServerConfig(options: ConfigOptions): Promise<ServerConfig> {
  const loaded = loadConfig(ServerConfig, {
    preset: options.preset ?? process.env['GODWIT_PRESET'],
    file: await readConfigFile(options.config ?? process.env['GODWIT_CONFIG']),
    environment: process.env,
    flags: options.flags,
  })
  if (loaded.kind === 'config') return loaded.config
  const count = loaded.problems.length
  throw new GodwitError(
    'GW_CONFIG_INVALID',
    `the configuration has ${count} problem${count === 1 ? '' : 's'}:\n${describeProblems(loaded.problems)}`,
  )
}

/** A file that was named must be there; the one at the usual place may be missing. */
async function readConfigFile(
  named: string | undefined,
): Promise<{ name: string; text: string } | undefined> {
  const name = named ?? CONFIG_FILE
  try {
    return { name, text: await readFile(name, 'utf8') }
  } catch (error) {
    if (named === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new GodwitError('GW_CONFIG_INVALID', `the configuration file ${name} cannot be read`, {
      cause: error,
    })
  }
}
