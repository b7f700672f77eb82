import type { Ending } from '../../protocol/process.ts'

/** What the kernel told of the end of a main process: exactly one of `code` and `signal` is set. */
export type Exit = { readonly code: number | null; readonly signal: string | null }

/**
 * How the process ended. With `oomKills` in its cgroup a SIGKILL was the kernel's doing; a process that survived
 * the death of a child by it was not killed.
 */
export function endingOf(exit: Exit, oomKills: number): Ending {
  const oomKilled = oomKills > 0 && (exit.signal === 'SIGKILL' || exit.code === 137)
  return { exitStatus: exit.signal === null ? exit.code : null, signal: exit.signal, oomKilled }
}
