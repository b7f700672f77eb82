import type { Writable } from 'node:stream'

/** One of our own output streams, fed by frames. */
export type Output = {
  write(bytes: Uint8Array): void
  /** Whether nothing more should be written before the next `onDrain`. */
  full(): boolean
  /** Resolves when everything is written, or can no longer be. */
  flushed(): Promise<void>
}

/**
 * An output on `stream`. When its reader has gone (EPIPE) `onBroken` is called once, and what still comes is
 * dropped: at home the process itself would have got SIGPIPE.
 */
export function createOutput(stream: Writable, onDrain: () => void, onBroken: () => void): Output {
  let broken = false
  let pending = 0
  let idle: (() => void) | undefined
  const settle = (): void => {
    pending -= 1
    if (pending === 0) idle?.()
  }
  let full = false
  stream.on('drain', () => {
    full = false
    onDrain()
  })
  stream.on('error', () => {
    if (broken) return
    broken = true
    full = false
    onBroken()
    onDrain()
    idle?.()
  })
  return {
    write(bytes) {
      if (broken) return
      pending += 1
      full = !stream.write(bytes, settle)
    },
    full: () => full,
    async flushed() {
      if (pending === 0 || broken) return
      await new Promise<void>(resolve => {
        idle = resolve
      })
    },
  }
}
