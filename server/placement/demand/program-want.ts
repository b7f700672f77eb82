import type { PlacementRules } from '../snapshot.ts'
import { announcedByEnvironment, PROGRAM_KINDS } from './program-kinds.ts'
import { programCommand } from './program-options.ts'
import type { Want } from './want.ts'

const DEFAULT_THREADS = 1

/**
 * What a program that is no JVM wants: what its flags and variables announce, else what is usual for its kind, else
 * the rules' default. There is no limit: nothing here is more than a guess, and a guess must not kill.
 */
export function programWant(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  rules: Pick<PlacementRules, 'defaultMemoryBytes'>,
): Want {
  const program = programCommand(command, env)
  const kind = PROGRAM_KINDS.find(({ pattern }) => pattern.test(program.executable))
  const usual = { ...announcedByEnvironment(program), ...kind?.usual(program) }
  const { announcedThreads: threads, announcedBytes: bytes } = usual
  const guess = kind === undefined ? 'default' : `usual of ${kind.name}`
  const memoryBytes = bytes?.value ?? usual.memoryBytes ?? rules.defaultMemoryBytes
  return {
    threads: threads?.value ?? usual.threads ?? DEFAULT_THREADS,
    threadsFrom: threads?.from ?? guess,
    announcedThreads: threads?.value ?? null,
    memoryBytes: () => memoryBytes,
    memoryFrom: bytes?.from ?? (usual.memoryBytes === undefined ? 'default' : guess),
    announcedBytes: bytes?.value ?? null,
    isUnknownKind: kind === undefined,
    limitBytes: null,
  }
}
