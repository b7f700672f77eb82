import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { TicketCrypto } from '../ticket.ts'

/**
 * The mathematics of tickets, by OpenSSL on the thread that asks: to hand a signature to another thread, as WebCrypto
 * does, takes longer than to look at it.
 */
export const ticketCrypto: TicketCrypto = {
  signedText(jws, header, key) {
    const [shown, payload, signature, ...more] = jws.split('.')
    if (shown !== header || payload === undefined || signature === undefined || more.length > 0)
      return undefined
    const right = Buffer.from(createHmac('sha256', key).update(`${header}.${payload}`).digest('base64url'))
    const given = Buffer.from(signature)
    const isRight = given.length === right.length && timingSafeEqual(given, right)
    return isRight ? Buffer.from(payload, 'base64url').toString() : undefined
  },
  sha256Hex: bytes => createHash('sha256').update(bytes).digest('hex'),
}
