import type { Options } from './area.ts'
import { OPTION } from './code.ts'
import { numberIn } from './in-place.ts'

/** IPv4 and UDP headers, which option 57 counts in and we do not. */
const IP_UDP_BYTES = 28
/** What every client must take: 576 less the headers (RFC 2131 §2). */
const MIN_LIMIT_BYTES = 548
/** Ethernet's MTU less the headers; OVMF announces 65280 and then drops more than this. */
export const MAX_LIMIT_BYTES = 1472

/** The largest UDP payload we may send to a client that sent these options (57). */
export function replyLimitBytes(options: Options): number {
  const announced = (numberIn(options, OPTION.maxMessageSize) ?? 0) - IP_UDP_BYTES
  return Math.min(MAX_LIMIT_BYTES, Math.max(MIN_LIMIT_BYTES, announced))
}
