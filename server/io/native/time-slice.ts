import { getPriority } from 'node:os'
import type { Libc } from './libc.ts'

/**
 * Linux 6.12 and later take the length of a thread's turn on a processor as a hint: who asks for short turns comes
 * sooner, at the same share. Half a millisecond is room for a hundred answers; the usual turn is 1.4 ms or more.
 */
const SHORT_NS = 500_000n
/** What stands for the usual length. */
const USUAL_NS = 0n
/** `struct sched_attr` as of Linux 3.14, and where its fields are. */
const ATTRIBUTES_BYTES = 48
const FLAGS_AT = 8
const NICE_AT = 16
const RUNTIME_AT = 24
/** Programs we start meanwhile get the usual turns. */
const SCHED_FLAG_RESET_ON_FORK = 1n

let holders = 0

/**
 * This thread runs in short turns until what it returns is called. Several may hold it, each for itself. Nothing
 * happens without `libc`, and on an older kernel.
 */
export function holdShortSlice(libc: Libc | undefined): () => void {
  if (libc === undefined) return () => undefined
  holders += 1
  if (holders === 1) setSlice(libc, SHORT_NS)
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    holders -= 1
    if (holders === 0) setSlice(libc, USUAL_NS)
  }
}

/** Politely asked: where it is not allowed, all goes on as before. */
function setSlice(libc: Libc, nanoseconds: bigint): void {
  const attributes = new Uint8Array(ATTRIBUTES_BYTES)
  const view = new DataView(attributes.buffer)
  view.setUint32(0, ATTRIBUTES_BYTES, true)
  view.setBigUint64(FLAGS_AT, SCHED_FLAG_RESET_ON_FORK, true)
  view.setInt32(NICE_AT, getPriority(), true)
  view.setBigUint64(RUNTIME_AT, nanoseconds, true)
  libc.schedSetattr(attributes)
}
