import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { TicketCrypto } from '../ticket.ts'

/**
 * The mathematics of tickets, by OpenSSL on the thread that asks: to hand a signature to another thread, as WebCrypto
 * does, takes longer than to look at it.
 */
export const ticketCrypto: TicketCrypto = {
  isSigned(bytes, signature, key) {
    const right = createHmac('sha256', key).update(bytes).digest()
    return signature.length === right.length && timingSafeEqual(signature, right)
  },
  sha256Hex: bytes => createHash('sha256').update(bytes).digest('hex'),
}
