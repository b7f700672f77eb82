import { parseBytes } from '../config/values/bytes.ts'
import type { RunGrant, RunRequest } from '../protocol/admin.ts'
import type { AskedRun } from './request.ts'

/** Characters of a command that placement and records get; the node gets all of it. */
const COMMAND_MAX_CHARS = 64 << 10

/** What placement is asked for a run at `home`, whose request has this digest; `after` is a grant that was refused. */
export function runRequest(
  { argv, claim, env, options }: AskedRun,
  specSha256: string,
  home: string,
  after: RunGrant | undefined,
): RunRequest {
  const memoryBytes = parseBytes(options.get('mem') ?? '')
  const on = options.get('on')
  return {
    command: clipped(argv),
    specSha256,
    home,
    uid: claim.uid,
    env: { ...env },
    ...(memoryBytes === undefined || memoryBytes === 0 ? {} : { memoryBytes }),
    ...(on === undefined ? {} : { on }),
    ...(options.has('now') ? { now: true } : {}),
    ...(after === undefined ? {} : { retryOf: after.process }),
  }
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
