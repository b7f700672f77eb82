import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { TicketCrypto } from '../ticket.ts'

/**
 * The mathematics of tickets, by OpenSSL on the thread that asks: to hand a signature to another thread, as WebCrypto
 * does, takes longer than to look at it.
 */
export const ticketCrypto: TicketCrypto = {
  verifier(publicKeyPem) {
    const key = ed25519Key(publicKeyPem)
    return key && ((bytes, signature) => verify(null, bytes, key, signature))
  },
  sha256Hex: bytes => createHash('sha256').update(bytes).digest('hex'),
}

/** A key of another kind would be used with another algorithm. */
function ed25519Key(publicKeyPem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(publicKeyPem)
    return key.asymmetricKeyType === 'ed25519' ? key : undefined
  } catch {
    return undefined
  }
}
