import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import type { RunGrant, RunRequest } from '../../protocol/admin.ts'
import { type RunSpec, runSpecBytes } from '../../protocol/run-spec.ts'
import { SIZING_VARIABLES } from '../../protocol/sizing-variables.ts'
import { argFilesOf } from './arg-files.ts'

/** What a person wishes beyond the command: memory to reserve, and one node's name or id. */
export type RunWishes = { readonly memoryBytes?: number; readonly on?: string; readonly now?: boolean }

/**
 * What the server is asked for `spec`; `after` is the grant that a node refused before. Of environment and files only
 * what sizes a runtime goes to the server.
 */
export function runRequest(spec: RunSpec, wishes: RunWishes, after: RunGrant | undefined): RunRequest {
  const env = Object.fromEntries(
    SIZING_VARIABLES.flatMap(name => (spec.env[name] === undefined ? [] : [[name, spec.env[name]]])),
  )
  const argFiles = argFilesOf(spec)
  return {
    command: [...spec.argv],
    specSha256: createHash('sha256').update(runSpecBytes(spec)).digest('hex'),
    home: hostname(),
    uid: spec.uid,
    env,
    ...(Object.keys(argFiles).length === 0 ? {} : { argFiles }),
    ...(wishes.memoryBytes === undefined ? {} : { memoryBytes: wishes.memoryBytes }),
    ...(wishes.on === undefined ? {} : { on: wishes.on }),
    ...(wishes.now === true ? { now: true } : {}),
    ...(after === undefined ? {} : { retryOf: after.process }),
  }
}
