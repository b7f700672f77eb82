/** What sending a signal to a process of ours means. */
export type SignalPlan =
  | { readonly kind: 'group'; readonly signal: string }
  | { readonly kind: 'everything' }
  | { readonly kind: 'unknown'; readonly reason: string }

/**
 * Signals go to the process group, as from a terminal; SIGKILL ends everything in the cgroup, because nobody who
 * sends it wants survivors. SIGTSTP becomes SIGSTOP: our process leads a session of its own, and the kernel
 * discards SIGTSTP for an orphaned process group (POSIX 2.4.3). `known` are the kernel's signal names.
 */
export function planSignal(name: string, known: ReadonlySet<string>): SignalPlan {
  if (!known.has(name)) return { kind: 'unknown', reason: `no signal ${name} here` }
  if (name === 'SIGKILL') return { kind: 'everything' }
  return { kind: 'group', signal: name === 'SIGTSTP' ? 'SIGSTOP' : name }
}
