/** One IPv4 UDP frame as a capture has it: where it goes, and how. */
export type Frame = {
  readonly destination: readonly number[]
  readonly sourcePort: number
  readonly destinationPort: number
  readonly isFragment: boolean
}

/** Lengths of pcap's headers and of an Ethernet header, in bytes. */
const [FILE_HEADER, RECORD_HEADER, ETHERNET] = [24, 16, 14]
const LITTLE_ENDIAN = 0xa1b2c3d4

/** Reads a pcap stream in pieces: returns the frames that are complete now. */
export function createFrameReader(): (piece: Uint8Array) => readonly Frame[] {
  let rest: Uint8Array = new Uint8Array(0)
  let isBegun = false
  return piece => {
    const data = new Uint8Array(rest.length + piece.length)
    data.set(rest)
    data.set(piece, rest.length)
    const view = new DataView(data.buffer)
    const frames: Frame[] = []
    let at = 0
    if (!isBegun && data.length >= FILE_HEADER) {
      if (view.getUint32(0, true) !== LITTLE_ENDIAN) throw new Error('not a pcap of this machine')
      isBegun = true
      at = FILE_HEADER
    }
    while (isBegun && at + RECORD_HEADER <= data.length) {
      const length = view.getUint32(at + 8, true)
      const start = at + RECORD_HEADER
      if (start + length > data.length) break
      const frame = readFrame(data.subarray(start, start + length))
      if (frame !== undefined) frames.push(frame)
      at = start + length
    }
    rest = data.slice(at)
    return frames
  }
}

function readFrame(bytes: Uint8Array): Frame | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < ETHERNET + 28) return undefined
  const udp = ETHERNET + ((bytes[ETHERNET] ?? 0) & 15) * 4
  const fragment = view.getUint16(ETHERNET + 6)
  return {
    destination: [...bytes.subarray(ETHERNET + 16, ETHERNET + 20)],
    sourcePort: view.getUint16(udp),
    destinationPort: view.getUint16(udp + 2),
    // More fragments, or not the first one.
    isFragment: (fragment & 0x3fff) !== 0,
  }
}
