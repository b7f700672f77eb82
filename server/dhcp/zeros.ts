/** A hundred exchanges' replies; few enough that one kept for long keeps little else. */
const BLOCK_BYTES = 65_536

let block = new ArrayBuffer(0)
let used = 0

/**
 * That many octets of zero, nobody else's. Cut from a larger block: each ArrayBuffer of its own is one more that the
 * collector has to free, and that is most of what one of its short rounds does here.
 */
export function zeros(length: number): Uint8Array {
  if (length > BLOCK_BYTES / 8) return new Uint8Array(length)
  if (used + length > block.byteLength) {
    block = new ArrayBuffer(BLOCK_BYTES)
    used = 0
  }
  const octets = new Uint8Array(block, used, length)
  used += length
  return octets
}
