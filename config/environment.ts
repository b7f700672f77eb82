import { parse } from 'yaml'
import * as z from 'zod'
import type { ConfigLayer } from './presets.ts'

/** What a set of `GODWIT_*` variables says: a layer, and the variables that fit no field. */
export type EnvironmentLayer = { readonly layer: ConfigLayer; readonly unknown: readonly string[] }

/** Variables with this prefix that are not configuration fields. */
const NOT_FIELDS = new Set([
  'GODWIT_CONFIG',
  'GODWIT_PRESET',
  'GODWIT_SOCKET',
  'GODWIT_SETUP',
  'GODWIT_AGENT_CMDLINE',
  'GODWIT_AGENT_RUN',
])

/**
 * The configuration layer in `environment`: field `dhcp.leaseSeconds` is `GODWIT_DHCP_LEASE_SECONDS`. Values are
 * read as YAML, so `[a, b]` is a list and `8080` a number; text that YAML cannot read stays text.
 */
export function environmentLayer(
  schema: z.ZodType,
  environment: Readonly<Record<string, string | undefined>>,
): EnvironmentLayer {
  const paths = new Map(fieldPaths(schema).map(path => [variableName(path), path]))
  let layer: ConfigLayer = {}
  const unknown: string[] = []
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('GODWIT_') || NOT_FIELDS.has(name) || text === undefined) continue
    const path = paths.get(name)
    if (path) layer = setPath(layer, path, yamlOrText(text))
    else unknown.push(name)
  }
  return { layer, unknown }
}

/** `dhcp.leaseSeconds` → `GODWIT_DHCP_LEASE_SECONDS`. */
export function variableName(path: readonly string[]): string {
  return ['GODWIT', ...path.map(part => part.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase())].join(
    '_',
  )
}

/** Every settable field of an object schema as a path, in the schema's order; lists and unions are one field. */
export function fieldPaths(schema: z.ZodType): readonly (readonly string[])[] {
  const inner = unwrap(schema)
  if (!(inner instanceof z.ZodObject)) return [[]]
  return Object.entries(inner.shape).flatMap(([name, field]) =>
    fieldPaths(field as z.ZodType).map(path => [name, ...path]),
  )
}

/** `layer` with the value at `path` set; makes the objects between. */
export function setPath(layer: ConfigLayer, path: readonly string[], value: unknown): ConfigLayer {
  const [head, ...rest] = path
  if (head === undefined) return layer
  const below = layer[head]
  const child =
    typeof below === 'object' && below !== null && !Array.isArray(below) ? (below as ConfigLayer) : {}
  return { ...layer, [head]: rest.length === 0 ? value : setPath(child, rest, value) }
}

function unwrap(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional
  return wrapped ? unwrap(schema.unwrap() as z.ZodType) : schema
}

function yamlOrText(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}
