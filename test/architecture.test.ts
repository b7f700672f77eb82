import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

/**
 * The borders of the house (design §3), checked on every import of every source file. Exceptions are written down
 * here, by file, with their reason.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FOLDERS = ['config', 'protocol', 'streams', 'server', 'agent', 'images', 'lab', 'cli'] as const

/** Imports go down only: a folder may import those listed. */
const ALLOWED: Readonly<Record<(typeof FOLDERS)[number], readonly string[]>> = {
  config: ['config'],
  protocol: ['config', 'protocol'],
  streams: ['config', 'protocol', 'streams'],
  server: ['config', 'protocol', 'streams', 'server'],
  agent: ['config', 'protocol', 'streams', 'agent'],
  images: ['config', 'protocol', 'images'],
  lab: ['config', 'protocol', 'lab'],
  cli: ['config', 'protocol', 'streams', 'server', 'agent', 'images', 'lab', 'cli'],
}

/** Files that may be impure: they serve, read, start or compose. Everything else takes its world as arguments. */
const IMPURE: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /(^|\/)io\//, why: 'io folders are where the world is' },
  { pattern: /(^|\/)main\.ts$/, why: 'composes' },
  {
    pattern: /^server\/(house|listeners|link-services|admin|run-door)\.ts$/,
    why: 'parts of main: they compose',
  },
  { pattern: /(^|\/)[a-z-]*service\.ts$/, why: 'serves' },
  { pattern: /^server\/http\/(relay|send-file)\.ts$/, why: 'parts of the HTTP services: they move octets' },
  { pattern: /^cli\//, why: 'the command line talks to a terminal' },
  { pattern: /^lab\/supervisor\//, why: 'runs machines' },
  {
    pattern: /^server\/store\/expiry-timer\.ts$/,
    why: 'the timer that the store owns; tests hand in another',
  },
  { pattern: /^images\/build\.ts$/, why: 'runs the plan and takes its time' },
  {
    pattern: /^agent\/exec\/(cgroup|containment|listener|supervise|usage-read)\.ts$/,
    why: 'watches and ends processes of the node',
  },
  {
    pattern: /^agent\/(hardware\/(drivers|probe|speed)|load\/read|link\/(connection|identity|trust))\.ts$/,
    why: 'reads the node, holds the link',
  },
]

type Import = { readonly from: string; readonly to: string; readonly typeOnly: boolean }
type Source = { readonly path: string; readonly text: string; readonly imports: readonly Import[] }

const sources: readonly Source[] = FOLDERS.flatMap(folder =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => readSource(join(folder, name))),
)

function readSource(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, false)
  const imports: Import[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const specifier = node.moduleSpecifier
      const typeOnly = ts.isImportDeclaration(node) ? isTypeOnly(node) : node.isTypeOnly
      if (specifier && ts.isStringLiteral(specifier))
        imports.push({ from: path, to: resolve(path, specifier.text), typeOnly })
    }
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments
      if (specifier && ts.isStringLiteral(specifier))
        imports.push({ from: path, to: resolve(path, specifier.text), typeOnly: true })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return { path, text, imports }
}

function isTypeOnly(node: ts.ImportDeclaration): boolean {
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const bindings = clause.namedBindings
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every(one => one.isTypeOnly)
  )
}

function resolve(from: string, specifier: string): string {
  return specifier.startsWith('.') ? normalize(join(dirname(from), specifier)) : specifier
}

const topFolder = (path: string) => path.split('/')[0] ?? ''
const isPure = (path: string) => !IMPURE.some(({ pattern }) => pattern.test(path))
const local = sources
  .flatMap(source => source.imports)
  .filter(edge => FOLDERS.some(folder => edge.to.startsWith(`${folder}/`)))

describe('architecture', () => {
  it('sees the whole house', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(local.length).toBeGreaterThan(300)
  })

  it('imports go down only', () => {
    const upward = local.filter(
      edge => !ALLOWED[topFolder(edge.from) as 'config']?.includes(topFolder(edge.to)),
    )
    expect(upward.map(edge => `${edge.from} -> ${edge.to}`)).toEqual([])
  })

  it('service folders of the server meet in main.ts, not in each other', () => {
    const sideways = local.filter(edge => {
      const isService = /^server\/([a-z]+)\/(?:.*\/)?[a-z-]*service\.ts$/.exec(edge.to)
      return (
        isService !== null &&
        !/^server\/[a-z-]+\.ts$/.test(edge.from) &&
        !edge.from.startsWith(`server/${isService[1]}/`) &&
        edge.from.startsWith('server/')
      )
    })
    expect(sideways.filter(edge => !edge.typeOnly).map(edge => `${edge.from} -> ${edge.to}`)).toEqual([])
  })

  it("keeps the doctor's witnesses independent of our own codecs", () => {
    const witnesses = local.filter(edge => /^cli\/doctor\/io\/.*-witness\.ts$/.test(edge.from))
    expect(witnesses.length).toBeGreaterThan(0)
    expect(witnesses.filter(edge => /^server\/(dhcp|tftp)\//.test(edge.to)).map(edge => edge.to)).toEqual([])
  })

  it('loads what is heavy only when a command runs', () => {
    const commands = sources.filter(({ path }) => path.startsWith('cli/commands/')).map(({ path }) => path)
    expect(commands.length).toBeGreaterThan(15)
    const loaded = reachedFrom(['cli/main.ts', ...commands])
    expect(loaded).toContain('commander')
    const heavy = ['execa', 'pino', 'fastify', 'koffi', '@photostructure/sqlite', 'vega', 'lab/service.ts']
    expect(heavy.filter(one => loaded.includes(one))).toEqual([])
  })

  it('has no import cycle', () => {
    expect(findCycle(local.filter(edge => !edge.typeOnly))).toEqual([])
  })

  it('pure files import nothing of Node', () => {
    const impure = sources.filter(source => isPure(source.path)).flatMap(source => source.imports)
    expect(
      impure
        .filter(edge => edge.to.startsWith('node:') && !edge.typeOnly)
        .map(edge => `${edge.from} -> ${edge.to}`),
    ).toEqual([])
  })

  it('lists no exception that no file needs', () => {
    const idle = IMPURE.filter(({ pattern }) => !sources.some(({ path }) => pattern.test(path)))
    expect(idle.map(({ pattern }) => pattern.source)).toEqual([])
  })

  it('pure files know bytes as Uint8Array only', () => {
    const offenders = sources.filter(
      source => isPure(source.path) && /\bBuffer\b/.test(withoutComments(source.text)),
    )
    expect(offenders.map(source => source.path)).toEqual([])
  })

  it('pure files take time and chance as arguments', () => {
    const offenders = sources.filter(
      source =>
        isPure(source.path) &&
        /\b(Date\.now|Math\.random|setTimeout|setInterval|process\.(?:env|argv|exit|pid|cwd|std|on\b|off\b|kill|hrtime|nextTick)|performance\.now)\b/.test(
          withoutComments(source.text),
        ),
    )
    expect(offenders.map(source => source.path)).toEqual([])
  })

  it('has no default export, barrel, enum or forbidden escape', () => {
    const offenders = sources.filter(source =>
      /export default|export \* from|@ts-ignore|@ts-expect-error|\bas any\b|: any\b|^\s*(?:export )?(?:const )?enum /m.test(
        withoutComments(source.text),
      ),
    )
    expect(offenders.map(source => source.path)).toEqual([])
  })

  it('keeps files small', () => {
    const long = sources
      .map(source => [source.path, source.text.split('\n').length] as const)
      .filter(([, lines]) => lines > 250)
    expect(long).toEqual([])
  })

  it('documents every export', () => {
    expect(sources.flatMap(undocumentedExports)).toEqual([])
  })
})

/** All that is loaded with these files, without what they import only once they run. */
function reachedFrom(paths: readonly string[]): readonly string[] {
  const importsOf = new Map(sources.map(source => [source.path, source.imports]))
  const reached = new Set(paths)
  for (const path of reached)
    for (const edge of importsOf.get(path) ?? []) if (!edge.typeOnly) reached.add(edge.to)
  return [...reached]
}

function findCycle(edges: readonly Import[]): readonly string[] {
  const next = new Map<string, Import[]>()
  for (const edge of edges) next.set(edge.from, [...(next.get(edge.from) ?? []), edge])
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path]
    if (done.has(path)) return []
    for (const edge of next.get(path) ?? []) {
      const cycle = walk(edge.to, [...trail, path])
      if (cycle.length > 0) return cycle
    }
    done.add(path)
    return []
  }
  for (const path of next.keys()) {
    const cycle = walk(path, [])
    if (cycle.length > 0) return cycle
  }
  return []
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '')
}

/** Exported declarations without a doc comment; a type that only names its schema's output needs none of its own. */
function undocumentedExports(source: Source): readonly string[] {
  const lines = source.text.split('\n')
  return lines.flatMap((line, index) => {
    const match = /^export (?:async )?(?:function|const|class|type|interface) (\w+)/.exec(line)
    if (match === null || /^export type \w+ = z\.(output|infer|input)</.test(line)) return []
    const above = lines[index - 1]?.trim() ?? ''
    return above.endsWith('*/') ? [] : [`${relative('.', source.path)}: ${match[1]}`]
  })
}
