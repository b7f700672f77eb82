import { ProcessId } from '../../config/values/node-id.ts'

/** Crockford's base 32 without the letters that look like digits or make words: what {@link ProcessId} allows. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
/** Characters after `p-`: 50 bits, so that two of a million processes share an id once in 2000 clusters. */
const LENGTH = 10
/** Octets of chance that one id takes. */
export const PROCESS_ID_BYTES = LENGTH

/** The process id made of `chance` (PROCESS_ID_BYTES octets, five bits of each). */
export function processIdFrom(chance: Uint8Array): ProcessId {
  const letters = [...chance.subarray(0, LENGTH)].map(octet => ALPHABET[octet % ALPHABET.length])
  return ProcessId.parse(`p-${letters.join('')}`)
}
