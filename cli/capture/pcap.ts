/** One captured frame: when (ms since 1970), its link layer, and its octets as far as they were kept. */
export type CapturedFrame = { readonly atMs: number; readonly linkType: number; readonly bytes: Uint8Array }

/** The frames of a capture file, or why it is none. A file cut off in a frame gives the frames before it. */
export type ReadCapture =
  | { readonly kind: 'frames'; readonly frames: readonly CapturedFrame[]; readonly isCutOff: boolean }
  | { readonly kind: 'unreadable'; readonly reason: string }

const GLOBAL_HEADER_BYTES = 24
const RECORD_HEADER_BYTES = 16
const MICROSECONDS = 0xa1b2_c3d4
const NANOSECONDS = 0xa1b2_3c4d

/** Reads libpcap's file format (draft-ietf-opsawg-pcap), either byte order, micro- or nanoseconds. Never throws. */
export function readPcap(file: Uint8Array): ReadCapture {
  if (file.length < GLOBAL_HEADER_BYTES) return { kind: 'unreadable', reason: 'shorter than a pcap header' }
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const order = byteOrder(view)
  if (order === undefined) return { kind: 'unreadable', reason: 'not a pcap file' }
  const { isLittle, ticksPerMs } = order
  const linkType = view.getUint32(20, isLittle) & 0x0fff_ffff
  const frames: CapturedFrame[] = []
  let at = GLOBAL_HEADER_BYTES
  while (at + RECORD_HEADER_BYTES <= file.length) {
    const atMs = view.getUint32(at, isLittle) * 1000 + view.getUint32(at + 4, isLittle) / ticksPerMs
    const length = view.getUint32(at + 8, isLittle)
    const from = at + RECORD_HEADER_BYTES
    if (length > file.length - from) return { kind: 'frames', frames, isCutOff: true }
    frames.push({ atMs, linkType, bytes: file.subarray(from, from + length) })
    at = from + length
  }
  return { kind: 'frames', frames, isCutOff: at !== file.length }
}

function byteOrder(view: DataView): { readonly isLittle: boolean; readonly ticksPerMs: number } | undefined {
  for (const isLittle of [true, false]) {
    const magic = view.getUint32(0, isLittle)
    if (magic === MICROSECONDS) return { isLittle, ticksPerMs: 1e3 }
    if (magic === NANOSECONDS) return { isLittle, ticksPerMs: 1e6 }
  }
  return undefined
}
