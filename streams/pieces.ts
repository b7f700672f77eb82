import type { Violation } from './frame.ts'

/** The pieces of a stream that are whole now, and what was wrong after them, if anything. */
export type ReadPieces = {
  readonly pieces: readonly Uint8Array[]
  readonly violation: Violation | undefined
}

/** Cuts a stream of octets into its length-prefixed pieces. */
export type Pieces = { push(bytes: Uint8Array): ReadPieces }

/**
 * Cuts by `lengthAt`, which tells the octets of the whole piece from its first `headerBytes`. It keeps at most one
 * incomplete piece, and room only for what has come: a header that promises much costs nothing yet.
 */
export function createPieces(
  headerBytes: number,
  lengthAt: (bytes: Uint8Array, at: number) => number | Violation,
): Pieces {
  let rest = new Uint8Array(0)
  let restBytes = 0
  let violation: Violation | undefined

  /** Appends to the incomplete piece; room doubles, so octets arriving one by one stay cheap. */
  function keep(bytes: Uint8Array): void {
    if (restBytes + bytes.length > rest.length) {
      const larger = new Uint8Array(Math.max(2 * rest.length, restBytes + bytes.length))
      larger.set(rest.subarray(0, restBytes))
      rest = larger
    }
    rest.set(bytes, restBytes)
    restBytes += bytes.length
  }

  function cut(bytes: Uint8Array): { readonly pieces: Uint8Array[]; readonly cutBytes: number } {
    const pieces: Uint8Array[] = []
    let at = 0
    while (bytes.length - at >= headerBytes) {
      const lengthBytes = lengthAt(bytes, at)
      if (typeof lengthBytes !== 'number') {
        violation = lengthBytes
        break
      }
      if (at + lengthBytes > bytes.length) break
      pieces.push(bytes.subarray(at, at + lengthBytes))
      at += lengthBytes
    }
    return { pieces, cutBytes: at }
  }

  return {
    push(bytes) {
      if (violation) return { pieces: [], violation }
      if (restBytes > 0) keep(bytes)
      const whole = restBytes > 0 ? rest.subarray(0, restBytes) : bytes
      const { pieces, cutBytes } = cut(whole)
      const left = whole.subarray(cutBytes)
      if (restBytes === 0) keep(left)
      else if (cutBytes > 0) {
        // The pieces handed out are views into the old buffer: leave it to them.
        rest = left.slice()
        restBytes = rest.length
      }
      return { pieces, violation }
    },
  }
}
