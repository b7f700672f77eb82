import * as z from 'zod'
import { parseBytes } from '../config/values/bytes.ts'

/** What of a node can be wished for: memory in bytes, speed of one thread (1: a core of the reference machine). */
export type WishedNode = {
  readonly id: string
  readonly name: string
  readonly image: string | null
  readonly memoryBytes: number
  /** Threads at full speed at once. */
  readonly threads: number
  readonly speed: number
}

/** A wish that was read, or why it cannot be. */
export type ParsedWish =
  | { readonly kind: 'wish'; matches(node: WishedNode): boolean }
  | { readonly kind: 'bad'; readonly reason: string }

type Test = (node: WishedNode) => boolean

/** Longest wish that is read, characters. */
const WISH_MAX_CHARS = 500
/** Most stars in one term: each multiplies the time that a name that does not fit takes. */
const STARS_MAX = 3

const COMPARE: Readonly<Record<string, (have: number, want: number) => boolean>> = {
  '<': (have, want) => have < want,
  '<=': (have, want) => have <= want,
  '=': (have, want) => have === want,
  '>=': (have, want) => have >= want,
  '>': (have, want) => have > want,
}

/**
 * Reads a wish such as `bios1`, `bios1|bios2`, `lab-*,memory>=2G`, `threads>=4,!node-7*`: terms between commas must
 * all hold, of the alternatives between bars one. A term is a name or id, where `*` stands for anything, or `memory`,
 * `threads`, `speed` compared by `<`, `<=`, `=`, `>=`, `>` with a number (a size, for memory), or `image=` and the
 * beginning of a digest. `!` before a term turns it around.
 */
export function parseWish(text: string): ParsedWish {
  if (text.length > WISH_MAX_CHARS) return bad(`longer than ${WISH_MAX_CHARS} characters`)
  const every: Test[] = []
  for (const part of text.split(',')) {
    const any: Test[] = []
    for (const term of part.split('|')) {
      const test = parseTerm(term.trim())
      if (typeof test === 'string') return bad(test)
      any.push(test)
    }
    every.push(node => any.some(test => test(node)))
  }
  return { kind: 'wish', matches: node => every.every(test => test(node)) }
}

function parseTerm(term: string): Test | string {
  if (term.startsWith('!')) {
    const test = parseTerm(term.slice(1).trim())
    return typeof test === 'string' ? test : node => !test(node)
  }
  const comparison = /^(\w+)\s*(<=|>=|<|>|=)\s*([^\s<>=]+)$/.exec(term)
  if (comparison !== null) return parseComparison(comparison)
  if (!/^[\w.*-]+$/.test(term))
    return term === '' ? 'a term is empty' : `"${term}" is neither a name nor a comparison`
  if (term.split('*').length - 1 > STARS_MAX) return `"${term}" has more than ${STARS_MAX} stars`
  const pattern = new RegExp(`^${term.replace(/[.]/g, '\\.').replace(/\*+/g, '.*')}$`)
  return ({ id, name }) => pattern.test(name) || pattern.test(id)
}

function parseComparison([term = '', field, operator = '', value = '']: readonly string[]): Test | string {
  const compare = COMPARE[operator]
  if (field === 'image')
    return operator === '=' && /^[0-9a-f]{4,64}$/.test(value)
      ? ({ image }) => image?.startsWith(value) === true
      : `"${term}": image= and at least four digits of its digest`
  const want = field === 'memory' ? parseBytes(value) : Number(value)
  if (compare === undefined || want === undefined || !Number.isFinite(want))
    return `"${term}": "${value}" is not ${field === 'memory' ? 'a size' : 'a number'}`
  switch (field) {
    case 'memory':
      return node => compare(node.memoryBytes, want)
    case 'threads':
      return node => compare(node.threads, want)
    case 'speed':
      return node => compare(node.speed, want)
    default:
      return `"${term}": a node has memory, threads, speed and image, no "${field}"`
  }
}

function bad(reason: string): ParsedWish {
  return { kind: 'bad', reason }
}

/** A wish as text, checked. */
export const NodeWish = z.string().superRefine((text, context) => {
  const parsed = parseWish(text)
  if (parsed.kind === 'bad') context.addIssue(parsed.reason)
})
