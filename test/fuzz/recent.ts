/** Keeps the last things that were sent, so that a failure can show what led to it. */
export type Recent = {
  push(bytes: Uint8Array): void
  /** Oldest first, each in hex. */
  hex(): readonly string[]
}

/** Remembers the last `size` datagrams. */
export function createRecent(size: number): Recent {
  const ring: Uint8Array[] = []
  let next = 0
  return {
    push: bytes => {
      ring[next % size] = bytes
      next += 1
    },
    hex: () => {
      const from = next > size ? next % size : 0
      return [...ring.slice(from), ...ring.slice(0, from)].map(bytes => Buffer.from(bytes).toString('hex'))
    },
  }
}
