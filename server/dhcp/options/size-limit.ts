import { readNumber } from './value.ts'

/** IPv4 and UDP headers, which option 57 counts in and we do not. */
const IP_UDP_BYTES = 28
/** What every client must take: 576 less the headers (RFC 2131 §2). */
const MIN_LIMIT_BYTES = 548
/** Ethernet's MTU less the headers; OVMF announces 65280 and then drops more than this. */
export const MAX_LIMIT_BYTES = 1472

/** The largest UDP payload we may send to a client whose option 57 holds `value`. */
export function replyLimitBytes(value: Uint8Array | undefined): number {
  const announced = (readNumber(value) ?? 0) - IP_UDP_BYTES
  return Math.min(MAX_LIMIT_BYTES, Math.max(MIN_LIMIT_BYTES, announced))
}
