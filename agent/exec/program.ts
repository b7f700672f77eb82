import { stat } from 'node:fs/promises'
import type { RunSpec } from '../../protocol/run-spec.ts'
import { type FileFacts, mayExecute, programCandidates } from './program-rules.ts'

/** The program's path on this node, or why exec would fail, in the shell's own two kinds (127 and 126). */
export type ProgramResult =
  | { readonly kind: 'found'; readonly path: string }
  | { readonly kind: 'not-found' | 'not-executable'; readonly message: string }

/**
 * Looks for `argv[0]` as execvp(3) would, before anything is spawned: a process that never began must be told apart
 * from one that ended with 127.
 */
export async function findProgram(spec: RunSpec): Promise<ProgramResult> {
  const name = spec.argv[0] ?? ''
  let denied: string | undefined
  for (const path of programCandidates(name, spec.env['PATH'], spec.cwd)) {
    const facts = await factsOf(path)
    if (facts && mayExecute(facts, spec)) return { kind: 'found', path }
    if (facts) denied ??= path
  }
  return denied === undefined
    ? { kind: 'not-found', message: `${name}: not found on this node` }
    : { kind: 'not-executable', message: `${denied}: may not be executed` }
}

/** Whether `path` is a folder here. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

async function factsOf(path: string): Promise<FileFacts | undefined> {
  try {
    const { mode, uid, gid } = await stat(path)
    return { mode, uid, gid }
  } catch {
    return undefined
  }
}
