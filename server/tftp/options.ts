import type { Rollover } from './block-number.ts'
import type { TftpOption } from './packet.ts'

/** Ceilings of this server; the blksize one is the interface MTU less 32, so that nothing is ever fragmented. */
export type OptionLimits = { readonly maxBlockSizeBytes: number; readonly maxWindowSize: number }

/** What both sides agreed on. `accepted` is the OACK's list, empty when the transfer starts with DATA 1. */
export type Terms = {
  readonly blockSizeBytes: number
  readonly windowSize: number
  /** First retransmission interval the client asked for (RFC 2349). */
  readonly timeoutMs: number | undefined
  /** The client learned the size: it may go away with an ERROR now, that was all it wanted. */
  readonly toldSize: boolean
  readonly accepted: readonly TftpOption[]
  /** What follows block 65535; a matter of the client's make, no option says it. */
  readonly rollover: Rollover
}

/** The terms of plain RFC 1350: 512 octets, one block at a time. */
export const PLAIN_TERMS: Terms = {
  blockSizeBytes: 512,
  windowSize: 1,
  timeoutMs: undefined,
  toldSize: false,
  accepted: [],
  rollover: 0,
}

/** Every whole decimal number in reach of the RFCs; `+5`, ` 5`, `0x10`, `1e3` and the empty text are none. */
const DECIMAL = /^\d{1,15}$/

/**
 * Chooses the terms (RFC 2347, 2348, 2349, 7440). Only what was asked is answered, in the order and spelling it was
 * asked, never with more than was asked; a value out of range is treated as if it were not there. The first of two
 * equal names counts. `sizeBytes` is undefined where the size on the wire is not known (netascii): no tsize then.
 *
 * EDK2 gives up on an OACK with anything it did not ask for ("Malformatted OACK"); PXE ROMs compare names with strcmp.
 */
export function negotiate(
  options: readonly TftpOption[],
  limits: OptionLimits,
  sizeBytes: number | undefined,
): Terms {
  const seen = new Set<string>()
  let terms = PLAIN_TERMS
  for (const option of options) {
    const name = option.name.toLowerCase()
    if (!seen.has(name) && DECIMAL.test(option.value))
      terms = { ...terms, ...agree(name, option, limits, sizeBytes, terms.accepted) }
    seen.add(name)
  }
  return terms
}

function agree(
  name: string,
  option: TftpOption,
  limits: OptionLimits,
  sizeBytes: number | undefined,
  accepted: readonly TftpOption[],
): Partial<Terms> {
  const asked = Number(option.value)
  const answer = (value: number | string): { accepted: readonly TftpOption[] } => ({
    accepted: [...accepted, { name: option.name, value: String(value) }],
  })
  switch (name) {
    case 'blksize': {
      if (asked < 8 || asked > 65_464) return {}
      const blockSizeBytes = Math.min(asked, limits.maxBlockSizeBytes)
      return { blockSizeBytes, ...answer(blockSizeBytes) }
    }
    case 'windowsize': {
      if (asked < 1 || asked > 65_535) return {}
      const windowSize = Math.min(asked, limits.maxWindowSize)
      return { windowSize, ...answer(windowSize) }
    }
    case 'timeout':
      // RFC 2349: the server answers with exactly the value asked for, or not at all.
      return asked < 1 || asked > 255 ? {} : { timeoutMs: asked * 1000, ...answer(option.value) }
    case 'tsize':
      return sizeBytes === undefined ? {} : { toldSize: true, ...answer(sizeBytes) }
    default:
      return {}
  }
}

/** IPv4, UDP and TFTP headers in one datagram (RFC 2348). */
const HEADER_BYTES = 32
/** Smallest block size RFC 2348 knows. */
const MIN_BLOCK_BYTES = 8

/** The largest block that fits into one frame of the link and below the configured `ceilingBytes`. */
export function maxBlockSizeBytes(ceilingBytes: number, mtuBytes: number | undefined): number {
  if (mtuBytes === undefined) return ceilingBytes
  return Math.max(MIN_BLOCK_BYTES, Math.min(ceilingBytes, mtuBytes - HEADER_BYTES))
}
