import type { Violation } from './frame.ts'
import { decodeTagged, numberOf, type Tagged, textOf, textsOf } from './tagged.ts'

/** Who runs it, as the kernel knows people. */
export type Claim = { readonly uid: number; readonly gid: number; readonly groups: readonly number[] }

/** Of a request frame, what doors and agents decide by; the rest is between deputy and keeper. */
export type AskedRun = {
  readonly kind: 'asked'
  readonly argv: readonly string[]
  readonly claim: Claim
  /** A shim's process number, which its program has as well if it runs at home. */
  readonly pid?: number
  readonly cwd: string
  /** The variables that `names` wanted and the request has. */
  readonly env: Readonly<Record<string, string>>
  /** Contents of the `@argfiles` of a `java` command, by the path after the `@`. */
  readonly argFiles: Readonly<Record<string, string>>
  /** Options of run by their names; a flag has the value `1`. */
  readonly options: ReadonlyMap<string, string>
}

/** A request that nobody may guess the meaning of; its `options` as far as they can be read. */
export type UnreadableRun = Violation & Pick<AskedRun, 'options'>

/** What a deputy may say (collect.c); the keeper (request.c) obeys it, so what it does not know must not be asked. */
const TAGS = new Set('AXIEOPBCJugGUvLNySFtWTibD')

/** The option that a shim sets, and `godwit run` does not. */
const SHIM = 'shim'

/** Whether a shim asks: for it, whatever keeps the process from running elsewhere, it runs at home. */
export function isShim({ options }: Pick<AskedRun, 'options'>): boolean {
  return options.has(SHIM)
}

/** Reads the payload of a request frame; of its environment only the variables in `names`. */
export function readRequest(payload: Uint8Array, names: readonly string[]): AskedRun | UnreadableRun {
  const decoded = decodeTagged(payload)
  if (decoded.kind === 'violation') return { ...decoded, options: new Map() }
  const { strings } = decoded
  const options = new Map(textsOf(strings, 'O').map(splitPair))
  const violation = (reason: string): UnreadableRun => ({
    kind: 'violation',
    reason: `the request is not understood: ${reason}`,
    options,
  })
  const argv = textsOf(strings, 'A')
  const cwd = textOf(strings, 'C')
  const claim = readClaim(strings)
  const pid = numberOf(strings, 'P')
  const unknown = strings.find(one => !TAGS.has(one.tag))
  const twice = ['u', 'g', 'G'].find(tag => textsOf(strings, tag).length > 1)
  if (unknown !== undefined) return violation(`there is no field "${unknown.tag}"`)
  if (argv.length === 0) return violation('no command')
  if (cwd === undefined || !cwd.startsWith('/')) return violation('no working directory')
  if (claim === undefined) return violation('no user')
  // The keeper reads them again, and must find nobody but whom we judge here.
  if (twice !== undefined) return violation(`${twice} twice: who is meant?`)
  const wanted = textsOf(strings, 'E')
    .map(splitPair)
    .filter(([name]) => names.includes(name))
  const argFiles = Object.fromEntries(textsOf(strings, 'B').map(splitLine))
  const asked = { argv, claim, cwd, env: Object.fromEntries(wanted), argFiles, options }
  return { kind: 'asked', ...asked, ...(pid === undefined ? {} : { pid }) }
}

function readClaim(strings: readonly Tagged[]): Claim | undefined {
  const [uid, gid] = [numberOf(strings, 'u'), numberOf(strings, 'g')]
  const groups = (textOf(strings, 'G') ?? '').split(',').filter(Boolean).map(Number)
  if (uid === undefined || gid === undefined || ![uid, gid, ...groups].every(isId)) return undefined
  return { uid, gid, groups }
}

/** An id of the kernel; the highest means "none" there (setresuid(2)). */
function isId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < 0xffffffff
}

/** A path, which stands alone on the first line, and what is in that file. */
function splitLine(text: string): [string, string] {
  const at = text.indexOf('\n')
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

/** The name before the first `=`, and what follows it; without one, `1`: the flag is given. */
function splitPair(text: string): [string, string] {
  const at = text.indexOf('=')
  return at === -1 ? [text, '1'] : [text.slice(0, at), text.slice(at + 1)]
}
