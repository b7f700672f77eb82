import { mutate } from '../mutate.ts'
import type { Random } from '../random.ts'

const encoder = new TextEncoder()
const NAMES = ['k1', 't.txt', 'big.bin', 'K1', '/k1', '\\k1', 'nothing.efi', 'big.bin\u00ff'] as const
/** The names of hostile input row F29, and what other servers fell over. */
const HOSTILE_NAMES = [
  '../../etc/passwd',
  '..\\..\\windows\\win.ini',
  '....//....//etc/passwd',
  '%2e%2e/%2e%2e/etc/passwd',
  'k1%00.txt',
  'C:\\k1',
  '\\\\host\\share',
  '/proc/self/environ',
  '/dev/zero',
  '..;/k1',
  '\u0001\u0002',
  'x'.repeat(500),
  '',
] as const
const MODES = ['octet', 'octet', 'octet', 'OcTeT', 'netascii', 'mail', '', 'x'.repeat(500)] as const
const OPTIONS = ['blksize', 'tsize', 'timeout', 'windowsize', 'blksize2', 'multicast', 'BLKSIZE', ''] as const
/** F28 and F33: numbers that are none. */
const VALUES = [
  '512',
  '1428',
  '1468',
  '65464',
  '8',
  '7',
  '0',
  '-1',
  '+5',
  ' 5',
  '0x10',
  '1e3',
  '',
  '9'.repeat(500),
]

/** One fuzzed datagram: for the listener, or for a transfer that is under way. */
export type TftpShot = { readonly to: 'listener' | 'transfer'; readonly bytes: Uint8Array }

/**
 * A source of fuzzed TFTP datagrams: recorded requests mutated, requests made by rule, hostile ones, and ACK, ERROR,
 * DATA and OACK out of place. Always the same for the same random numbers.
 */
export function createTftpSource(recorded: readonly Uint8Array[], random: Random): () => TftpShot {
  return () => {
    const kind = random.below(100)
    // Most go to transfers: a request costs the server a hundred times what an ACK does.
    if (kind < 60) return { to: 'transfer', bytes: answer(random) }
    if (kind < 70) return { to: 'transfer', bytes: mutate(answer(random), random, random.pick(recorded)) }
    if (kind < 74) return { to: 'listener', bytes: random.bytes(random.below(1500)) }
    if (kind < 80) return { to: 'listener', bytes: answer(random) }
    const bytes = kind < 90 ? random.pick(recorded) : byRule(random)
    if (kind === 80 || kind > 95) return { to: 'listener', bytes }
    return { to: 'listener', bytes: mutate(bytes, random, random.pick(recorded)) }
  }
}

function byRule(random: Random): Uint8Array {
  const name = random.chance(60) ? random.pick(NAMES) : random.pick(HOSTILE_NAMES)
  const count = random.chance(2) ? 200 : random.below(5)
  const options = Array.from({ length: count }, () => `${random.pick(OPTIONS)}\0${random.pick(VALUES)}\0`)
  const opcode = random.chance(90) ? 1 : random.below(9)
  return Uint8Array.of(0, opcode, ...encoder.encode(`${name}\0${random.pick(MODES)}\0${options.join('')}`))
}

/** What a client sends to a transfer (F30 to F32): mostly ACKs, of likely and of impossible blocks. */
function answer(random: Random): Uint8Array {
  const kind = random.below(20)
  const block = random.chance(60) ? random.below(8) : random.below(65_536)
  if (kind < 14) return Uint8Array.of(0, 4, block >> 8, block & 255)
  if (kind < 16) return Uint8Array.of(0, 5, 0, random.below(10), ...encoder.encode('no more'), 0)
  if (kind === 16) return Uint8Array.of(0, 5, 0, 0, ...random.bytes(random.below(1400)))
  if (kind === 17) return Uint8Array.of(0, 3, 0, 1, ...random.bytes(random.below(512)))
  if (kind === 18) return Uint8Array.of(0, 6, ...encoder.encode('blksize\x001428\0'))
  return random.bytes(random.below(8))
}

/**
 * The recorded requests: lines of test/fixtures/tftp/rrq-clients.txt, in which a datagram is written as Python does.
 */
export function readRecorded(text: string): readonly Uint8Array[] {
  return [...text.matchAll(/ b'(.*)'$/gm)].map(([, literal = '']) =>
    encoder.encode(
      literal.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    ),
  )
}
