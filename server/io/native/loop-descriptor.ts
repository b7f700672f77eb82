import { readdirSync, readFileSync } from 'node:fs'

/**
 * The descriptor by which this thread's event loop waits: something waits for the loop whenever it is readable. It is
 * the epoll instance that has `watched`, the descriptor of a socket that the loop is listening to (proc(5), `tfd` in
 * fdinfo). Undefined where there is none such, as with a loop that waits by other means. It stays the same for the
 * life of the thread.
 */
export function loopDescriptor(watched: number): number | undefined {
  const line = new RegExp(`^tfd: *${watched} `, 'm')
  // In the order they were opened, nearly: the event loop's own is among the first.
  return descriptors().find(descriptor => line.test(infoOf(descriptor)))
}

function descriptors(): readonly number[] {
  try {
    return readdirSync('/proc/self/fdinfo')
      .map(Number)
      .toSorted((one, other) => one - other)
  } catch {
    return []
  }
}

/** Empty for one that was closed meanwhile. */
function infoOf(descriptor: number): string {
  try {
    return readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')
  } catch {
    return ''
  }
}
