import type { RunGrant, RunRequest } from '../protocol/admin.ts'
import type { PlaceAnswer } from './door-session.ts'
import type { AskedRun } from './request.ts'
import { readWishes } from './run-wishes.ts'

/** Characters of a command that placement and records get; the node gets all of it. */
const COMMAND_MAX_CHARS = 64 << 10
/** The same for its variables together, and for its argument files. With all, each character six octets of JSON, a
 * link's message has room. */
const ENV_MAX_CHARS = 32 << 10
const ARG_FILES_MAX_CHARS = 64 << 10

/** What to ask placement; or the answer at once, when the wishes of a run cannot be read. */
export type PlacementQuestion =
  | { readonly kind: 'request'; readonly request: RunRequest }
  | Extract<PlaceAnswer, { kind: 'no-place' }>

/** What placement is asked for a run at `home`, whose request has this digest; `after` is a grant that was refused. */
export function runRequest(
  { argFiles, argv, claim, env, options }: AskedRun,
  specSha256: string,
  home: string,
  after: RunGrant | undefined,
): PlacementQuestion {
  const read = readWishes(options)
  if (read.kind === 'bad') return unreadable(`--${read.option}: ${read.reason}`)
  const files = fitting(argFiles, ARG_FILES_MAX_CHARS)
  const request = {
    command: clipped(argv),
    specSha256,
    home,
    uid: claim.uid,
    env: fitting(env, ENV_MAX_CHARS),
    ...(Object.keys(files).length === 0 ? {} : { argFiles: files }),
    ...read.wishes,
    ...(after === undefined ? {} : { retryOf: after.process }),
  }
  return { kind: 'request', request }
}

function unreadable(message: string): PlacementQuestion {
  return { kind: 'no-place', code: 'GW_BAD_MESSAGE', message, details: [] }
}

/** As many whole entries as fit. */
function fitting(entries: Readonly<Record<string, string>>, mostChars: number): Record<string, string> {
  let leftChars = mostChars
  const kept = Object.entries(entries).filter(([name, value]) => {
    const chars = name.length + value.length
    if (chars > leftChars) return false
    leftChars -= chars
    return true
  })
  return Object.fromEntries(kept)
}

/** As many whole arguments as fit; of a first one that does not fit alone, its beginning. */
function clipped(argv: readonly string[]): string[] {
  const kept: string[] = []
  let leftChars = COMMAND_MAX_CHARS
  for (const argument of argv) {
    if (argument.length > leftChars) break
    leftChars -= argument.length
    kept.push(argument)
  }
  return kept.length > 0 ? kept : [(argv[0] ?? '').slice(0, COMMAND_MAX_CHARS)]
}
