import type { Libc } from './libc.ts'

/**
 * Linux 6.12 and later take the length of a thread's turn on a processor as a hint: who asks for short turns comes
 * sooner, at the same share. Half a millisecond is room for a hundred answers; the usual turn is 1.4 ms or more.
 */
const SHORT_NS = 500_000n
/** `struct sched_attr` as of Linux 3.14, and where its fields are. */
const ATTRIBUTES_BYTES = 48
const POLICY_AT = 4
const FLAGS_AT = 8
const RUNTIME_AT = 24
/** The policy of all threads that nobody gave another. */
const SCHED_OTHER = 0
/** Programs we start meanwhile get the usual turns. Only root may take it back, so it stays. */
const SCHED_FLAG_RESET_ON_FORK = 1n

let holders = 0
/** The length of this thread's turns before they were made short; undefined where they could not be. */
let usualNs: bigint | undefined

/**
 * This thread runs in short turns until what it returns is called. Several may hold it, each for itself. Nothing
 * happens without `libc`, on an older kernel, and where somebody chose how the server is scheduled.
 */
export function holdShortSlice(libc: Libc | undefined): () => void {
  if (libc === undefined) return () => undefined
  holders += 1
  if (holders === 1) usualNs = setSlice(libc, SHORT_NS)
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    holders -= 1
    if (holders === 0 && usualNs !== undefined) setSlice(libc, usualNs)
  }
}

/** Sets the length of a turn, and nothing else; what it was, or undefined where it cannot be set. */
function setSlice(libc: Libc, nanoseconds: bigint): bigint | undefined {
  const attributes = new Uint8Array(ATTRIBUTES_BYTES)
  const view = new DataView(attributes.buffer)
  if (libc.schedGetattr(attributes) !== 0 || view.getUint32(POLICY_AT, true) !== SCHED_OTHER) return undefined
  const beforeNs = view.getBigUint64(RUNTIME_AT, true)
  view.setBigUint64(FLAGS_AT, SCHED_FLAG_RESET_ON_FORK, true)
  view.setBigUint64(RUNTIME_AT, nanoseconds, true)
  return libc.schedSetattr(attributes) === 0 ? beforeNs : undefined
}
