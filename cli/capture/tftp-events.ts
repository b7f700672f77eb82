import { decodeAnswer, decodeRequest } from '../../server/tftp/decode.ts'
import { OPCODE } from '../../server/tftp/packet.ts'
import type { TftpEvent } from './event.ts'
import type { Party, Segment } from './segment.ts'

const TFTP_PORT = 69
const PLAIN_BLOCK_BYTES = 512
/** Of a DATA. */
const HEADER_BYTES = 4

/** A transfer being read together: what the client asked, and all that went to and fro since. */
type Transfer = {
  readonly asked: Segment
  readonly file: string
  readonly options: readonly string[]
  agreed: readonly string[]
  blockBytes: number
  bytes: number
  blocks: number
  repeatedBlocks: number
  lastBlock: number
  isWhole: boolean
  endedAtMs: number
  outcome: TftpEvent['outcome'] | undefined
  error: string | undefined
}

/** The files fetched by TFTP: each request with the datagrams between the client's port and whoever answered it. */
export function tftpEvents(segments: readonly Segment[]): readonly TftpEvent[] {
  const open = new Map<string, Transfer>()
  const all: Transfer[] = []
  for (const segment of segments) {
    if (segment.protocol !== 'udp') continue
    if (segment.to.port === TFTP_PORT) {
      const begun = begin(segment)
      const known = open.get(nameOf(segment.from))
      // A client that heard nothing asks again from the same port: still the same transfer.
      if (begun === undefined || (known?.file === begun.file && known.blocks === 0)) continue
      open.set(nameOf(segment.from), begun)
      all.push(begun)
    } else {
      const toClient = open.get(nameOf(segment.to))
      if (toClient !== undefined) fromServer(toClient, segment)
      const fromClient = open.get(nameOf(segment.from))
      if (fromClient !== undefined) fromTheClient(fromClient, segment)
    }
  }
  return all.map(eventOf)
}

function nameOf({ ip, port }: Party): string {
  return `${ip}:${port}`
}

function begin(segment: Segment): Transfer | undefined {
  const request = decodeRequest(segment.payload)
  if (request.kind !== 'read') return undefined
  return {
    asked: segment,
    file: String.fromCharCode(...request.filename).replace(/[^\x20-\x7e]/g, '?'),
    options: request.options.map(({ name, value }) => `${name} ${value}`),
    agreed: [],
    blockBytes: PLAIN_BLOCK_BYTES,
    bytes: 0,
    blocks: 0,
    repeatedBlocks: 0,
    lastBlock: 0,
    isWhole: false,
    endedAtMs: segment.atMs,
    outcome: undefined,
    error: undefined,
  }
}

function fromServer(transfer: Transfer, { atMs, payload, sizeBytes }: Segment): void {
  const opcode = (payload[0] ?? 0) * 256 + (payload[1] ?? 0)
  transfer.endedAtMs = atMs
  if (opcode === OPCODE.oack) agree(transfer, payload.subarray(2))
  if (opcode === OPCODE.error) {
    const answer = decodeAnswer(payload)
    transfer.outcome = transfer.blocks === 0 ? 'refused' : 'aborted'
    transfer.error = answer.kind === 'error' ? answer.message : undefined
  }
  if (opcode !== OPCODE.data || sizeBytes < HEADER_BYTES) return
  const block = (payload[2] ?? 0) * 256 + (payload[3] ?? 0)
  // A capture on the server may see a whole window in one piece: its NIC cuts it into datagrams later.
  const wholeBytes = HEADER_BYTES + transfer.blockBytes
  const blocks = Math.ceil(sizeBytes / wholeBytes)
  if (block !== ((transfer.lastBlock + 1) & 0xffff)) {
    transfer.repeatedBlocks += blocks
    return
  }
  transfer.lastBlock = (block + blocks - 1) & 0xffff
  transfer.blocks += blocks
  transfer.bytes += sizeBytes - blocks * HEADER_BYTES
  transfer.isWhole = sizeBytes < blocks * wholeBytes
}

function fromTheClient(transfer: Transfer, { atMs, payload }: Segment): void {
  const answer = decodeAnswer(payload)
  transfer.endedAtMs = atMs
  if (answer.kind === 'error') {
    transfer.outcome = transfer.blocks === 0 ? 'size asked only' : 'aborted'
    transfer.error = answer.message
  }
}

function agree(transfer: Transfer, text: Uint8Array): void {
  const words = String.fromCharCode(...text).split('\0')
  const pairs = words.flatMap((word, index) =>
    index % 2 === 0 && word !== '' ? [[word, words[index + 1] ?? '']] : [],
  )
  transfer.agreed = pairs.map(pair => pair.join(' '))
  const size = pairs.find(([name]) => name?.toLowerCase() === 'blksize')?.[1]
  if (size !== undefined && /^\d{1,5}$/.test(size)) transfer.blockBytes = Number(size)
}

function eventOf(transfer: Transfer): TftpEvent {
  const { asked, file, options, agreed, bytes, blocks, repeatedBlocks, endedAtMs, error } = transfer
  return {
    kind: 'tftp',
    atMs: asked.atMs,
    client: asked.from.ip,
    server: asked.to.ip,
    file,
    asked: options,
    agreed,
    bytes,
    blocks,
    repeatedBlocks,
    endedAtMs,
    outcome: transfer.outcome ?? outcomeOf(transfer),
    error,
  }
}

/** iPXE stops after the last block, and its last ACK may be missing: the file is whole all the same. */
function outcomeOf({ isWhole, blocks, agreed }: Transfer): TftpEvent['outcome'] {
  if (isWhole) return 'complete'
  if (blocks > 0) return 'broke off'
  return agreed.length > 0 ? 'size asked only' : 'no answer'
}
