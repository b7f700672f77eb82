import type { CapturedFrame, ReadCapture } from './pcap.ts'

const SECTION_HEADER = 0x0a0d_0d0a
const INTERFACE_DESCRIPTION = 1
const ENHANCED_PACKET = 6
const BYTE_ORDER_MAGIC = 0x1a2b_3c4d
/** Option of an interface that gives its clock's resolution. */
const IF_TSRESOL = 9

type Interface = { readonly linkType: number; readonly ticksPerMs: number }
type Block = { readonly type: number; readonly body: DataView }

/** Whether the file begins like pcapng, Wireshark's own format. */
export function isPcapng(file: Uint8Array): boolean {
  return file.length >= 12 && new DataView(file.buffer, file.byteOffset).getUint32(0) === SECTION_HEADER
}

/** Reads pcapng (draft-ietf-opsawg-pcapng): sections, interfaces, enhanced packet blocks. Never throws. */
export function readPcapng(file: Uint8Array): ReadCapture {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const frames: CapturedFrame[] = []
  let interfaces: Interface[] = []
  let isLittle = true
  let at = 0
  while (at + 12 <= file.length) {
    if (view.getUint32(at) === SECTION_HEADER) {
      isLittle = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC
      interfaces = []
    }
    const length = view.getUint32(at + 4, isLittle)
    if (length < 12 || length % 4 !== 0 || at + length > file.length)
      return { kind: 'frames', frames, isCutOff: true }
    const body = new DataView(file.buffer, file.byteOffset + at + 8, length - 12)
    const block = { type: view.getUint32(at, isLittle), body }
    if (block.type === INTERFACE_DESCRIPTION) interfaces.push(interfaceOf(block, isLittle))
    const frame = block.type === ENHANCED_PACKET ? frameOf(block, interfaces, isLittle) : undefined
    if (frame !== undefined) frames.push(frame)
    at += length
  }
  return { kind: 'frames', frames, isCutOff: at !== file.length }
}

function interfaceOf({ body }: Block, isLittle: boolean): Interface {
  if (body.byteLength < 8) return { linkType: -1, ticksPerMs: 1000 }
  const linkType = body.getUint16(0, isLittle)
  let at = 8
  while (at + 4 <= body.byteLength) {
    const code = body.getUint16(at, isLittle)
    const length = body.getUint16(at + 2, isLittle)
    if (code === 0) break
    if (code === IF_TSRESOL && length === 1 && at + 5 <= body.byteLength)
      return { linkType, ticksPerMs: ticksPerMsOf(body.getUint8(at + 4)) }
    at += 4 + Math.ceil(length / 4) * 4
  }
  return { linkType, ticksPerMs: 1000 }
}

/** The resolution octet: a negative power of ten, or of two when its highest bit is set. */
function ticksPerMsOf(resolution: number): number {
  const perSecond = resolution & 0x80 ? 2 ** (resolution & 0x7f) : 10 ** resolution
  return perSecond / 1000
}

function frameOf(
  { body }: Block,
  interfaces: readonly Interface[],
  isLittle: boolean,
): CapturedFrame | undefined {
  if (body.byteLength < 20) return undefined
  const where = interfaces[body.getUint32(0, isLittle)]
  const length = body.getUint32(12, isLittle)
  if (where === undefined || 20 + length > body.byteLength) return undefined
  const ticks = body.getUint32(4, isLittle) * 2 ** 32 + body.getUint32(8, isLittle)
  const bytes = new Uint8Array(body.buffer, body.byteOffset + 20, length)
  return { atMs: ticks / where.ticksPerMs, linkType: where.linkType, bytes }
}
