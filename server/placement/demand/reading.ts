import type { PlaceRequest } from '../request.ts'
import type { PlacementRules } from '../snapshot.ts'
import { type CommandKeys, commandKeys } from './command-key.ts'
import { isJava, type JvmCommand, readJvmCommand } from './jvm-command.ts'
import { readJvmTool } from './jvm-tool.ts'
import { jvmToolWant, jvmWant } from './jvm-want.ts'
import { programWant } from './program-want.ts'
import { unwrap } from './unwrap.ts'
import type { Want } from './want.ts'

/** What a command line says by itself: what its runs are remembered by, and what it will want. */
export type Reading = { readonly keys: CommandKeys; readonly want: Want }

/** What a reading depends on besides the command; `referenceBytes` as in the context of a demand. */
export type ReadingContext = {
  readonly referenceBytes: number
  readonly rules: Pick<PlacementRules, 'defaultMemoryBytes'>
}

/** What is read of a request. */
export type Readable = Pick<PlaceRequest, 'command' | 'env' | 'uid' | 'argFiles'>

/** Reads a command line, with the variables and argument files it takes options from. Pure. */
export function readCommand(request: Readable, context: ReadingContext): Reading {
  const { command, env } = unwrap(request.command, request.env)
  const java = isJava(command) ? readJvmCommand(command, env, request.argFiles ?? new Map()) : undefined
  return {
    keys: commandKeys(command, java, request.uid ?? 0),
    want: wantOf(command, env, java, context),
  }
}

function wantOf(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  java: JvmCommand | undefined,
  { referenceBytes, rules }: ReadingContext,
): Want {
  if (java !== undefined) return jvmWant(java, referenceBytes)
  const tool = readJvmTool(command, env)
  return tool === undefined ? programWant(command, env, rules) : jvmToolWant(tool, referenceBytes)
}
