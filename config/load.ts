import { LineCounter, parseDocument } from 'yaml'
import type * as z from 'zod'
import { environmentLayer } from './environment.ts'
import { mergeLayers } from './merge.ts'
import { type ConfigLayer, PRESETS } from './presets.ts'

/** Where configuration comes from, weakest first: the schema's defaults, then these in order. */
export type ConfigSources = {
  readonly preset?: string | undefined
  /** Text of the YAML file and its name for messages. */
  readonly file?: { readonly name: string; readonly text: string } | undefined
  readonly environment?: Readonly<Record<string, string | undefined>>
  readonly flags?: ConfigLayer
}

/** One thing wrong with the configuration: where (`dhcp.pool.start`, or the file and line) and what. */
export type ConfigProblem = { readonly path: string; readonly message: string }

/** A frozen configuration, or every problem there is. */
export type LoadedConfig<T> =
  | { readonly kind: 'config'; readonly config: T }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] }

/**
 * Merges all sources by precedence (default < preset < file < `GODWIT_*` environment < flags), checks the result
 * once, and freezes it. Problems of every source are listed together.
 */
export function loadConfig<S extends z.ZodType>(
  schema: S,
  sources: ConfigSources,
): LoadedConfig<z.output<S>> {
  const preset = presetLayer(sources.preset)
  const file = fileLayer(sources.file)
  const environment = environmentLayer(schema, sources.environment ?? {})
  const problems = [
    ...preset.problems,
    ...file.problems,
    ...environment.unknown.map(name => ({ path: name, message: 'no configuration field has this variable' })),
  ]
  const layers = [preset.layer, file.layer, environment.layer, sources.flags ?? {}]
  const checked = schema.safeParse(layers.reduce(mergeLayers, {}))
  if (checked.success && problems.length === 0) return { kind: 'config', config: deepFreeze(checked.data) }
  const issues = checked.success ? [] : checked.error.issues.flatMap(issueProblems)
  return { kind: 'invalid', problems: [...problems, ...issues] }
}

/** All problems as text for a terminal, one a line. */
export function describeProblems(problems: readonly ConfigProblem[]): string {
  return problems.map(problem => `  ${problem.path}: ${problem.message}`).join('\n')
}

type Layer = { readonly layer: ConfigLayer; readonly problems: readonly ConfigProblem[] }

function presetLayer(name: string | undefined): Layer {
  if (name === undefined) return { layer: {}, problems: [] }
  const layer = Object.hasOwn(PRESETS, name) ? PRESETS[name] : undefined
  if (layer) return { layer, problems: [] }
  return {
    layer: {},
    problems: [
      { path: 'preset', message: `no preset "${name}"; there are ${Object.keys(PRESETS).join(', ')}` },
    ],
  }
}

function fileLayer(file: ConfigSources['file']): Layer {
  if (file === undefined) return { layer: {}, problems: [] }
  const lineCounter = new LineCounter()
  const document = parseDocument(file.text, { lineCounter, prettyErrors: false })
  const problems = document.errors.map(error => {
    const { line, col } = lineCounter.linePos(error.pos[0])
    return { path: `${file.name}:${line}:${col}`, message: error.message }
  })
  if (problems.length > 0) return { layer: {}, problems }
  try {
    const value: unknown = document.toJS() ?? {}
    if (typeof value === 'object' && !Array.isArray(value)) return { layer: value as ConfigLayer, problems }
    return fileProblem(file.name, 'a configuration file is a mapping of fields')
  } catch (error) {
    // Aliases are resolved only now: one without an anchor, or too many of them, throws.
    return fileProblem(file.name, error instanceof Error ? error.message : String(error))
  }
}

function fileProblem(path: string, message: string): Layer {
  return { layer: {}, problems: [{ path, message }] }
}

function issueProblems(issue: z.core.$ZodIssue): readonly ConfigProblem[] {
  const path = issue.path.join('.')
  if (issue.code !== 'unrecognized_keys') return [{ path: path || '(whole file)', message: issue.message }]
  return issue.keys.map(key => ({ path: path ? `${path}.${key}` : key, message: 'there is no such field' }))
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}
