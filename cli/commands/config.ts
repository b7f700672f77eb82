import type { Command } from 'commander'
import { stringify } from 'yaml'
import * as z from 'zod'
import { fieldPaths, variableName } from '../../config/environment.ts'
import { ServerConfig } from '../../config/server.ts'
import { loadServerConfig } from '../load-config.ts'
import { printJson, renderTable } from '../output.ts'

/** `godwit config show|fields`: what the server would run with, and what can be set. */
export function addConfig(program: Command): void {
  const config = program.command('config').description('look at the configuration')
  config
    .command('show')
    .description('the configuration that `godwit serve` would use, all layers merged and checked')
    .option('-c, --config <file>', 'configuration file (default: /etc/godwit/config.yaml when it is there)')
    .option('--preset <name>', 'settings under one name: home, office, lab')
    .option('--json', 'JSON instead of YAML')
    .action(async (options: { config?: string; preset?: string; json?: boolean }) => {
      const loaded = await loadServerConfig({ ...options, flags: {} })
      if (options.json) printJson(loaded)
      else process.stdout.write(stringify(loaded))
    })
  config
    .command('fields')
    .description('every field with its default, its variable and what it is for')
    .option('--json', 'the JSON Schema of the file')
    .action((options: { json?: boolean }) => {
      if (options.json) printJson(z.toJSONSchema(ServerConfig, { io: 'input', unrepresentable: 'any' }))
      else
        process.stdout.write(`${renderTable(['FIELD', 'DEFAULT', 'VARIABLE', 'WHAT IT IS'], fieldRows())}\n`)
    })
}

/** One row a field: path, default, variable, description. */
export function fieldRows(): readonly (readonly string[])[] {
  const defaults: unknown = ServerConfig.parse({})
  return fieldPaths(ServerConfig).map(path => [
    path.join('.'),
    defaultText(valueAt(defaults, path)),
    variableName(path),
    describeField(path),
  ])
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value)
}

function defaultText(value: unknown): string {
  return value === undefined ? '-' : JSON.stringify(value)
}

function describeField(path: readonly string[]): string {
  let schema: unknown = z.toJSONSchema(ServerConfig, { io: 'input', unrepresentable: 'any' })
  for (const key of path)
    schema = (schema as { properties?: Record<string, unknown> } | undefined)?.properties?.[key]
  return (schema as { description?: string } | undefined)?.description ?? ''
}
