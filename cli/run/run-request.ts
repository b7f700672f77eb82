import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import type { RunGrant, RunRequest } from '../../protocol/admin.ts'
import { type RunSpec, runSpecBytes } from '../../protocol/run-spec.ts'

/** What placement sizes a JVM by; the rest of the environment never goes to the server. */
const JVM_VARIABLES = ['JDK_JAVA_OPTIONS', 'JAVA_TOOL_OPTIONS']

/** What a person wishes beyond the command: memory to reserve, and one node's name or id. */
export type RunWishes = { readonly memoryBytes?: number; readonly on?: string }

/** What the server is asked for `spec`; `after` is the grant that a node refused before. */
export function runRequest(spec: RunSpec, wishes: RunWishes, after: RunGrant | undefined): RunRequest {
  const env = Object.fromEntries(
    JVM_VARIABLES.flatMap(name => (spec.env[name] === undefined ? [] : [[name, spec.env[name]]])),
  )
  return {
    command: [...spec.argv],
    specSha256: createHash('sha256').update(runSpecBytes(spec)).digest('hex'),
    home: hostname(),
    uid: spec.uid,
    env,
    ...(wishes.memoryBytes === undefined ? {} : { memoryBytes: wishes.memoryBytes }),
    ...(wishes.on === undefined ? {} : { on: wishes.on }),
    ...(after === undefined ? {} : { retryOf: after.process }),
  }
}
