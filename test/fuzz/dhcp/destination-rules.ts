import type { Frame } from '../frames.ts'

const SERVER_PORTS = new Set([67, 4011])
/** Relay, client, and the port from which our senders ask 4011. */
const CLIENT_PORTS = new Set([67, 68, 4011])

/**
 * What is wrong with where a DHCP reply goes: all of it comes from the request, and a forged request must not make us
 * send to ourselves, to many, or to somebody outside our network; nor in fragments, which no ROM can join.
 */
export function destinationFlaw(frame: Frame): string | undefined {
  const { destination, sourcePort, destinationPort, isFragment } = frame
  const [a = 0, b = 0, c = 0, d = 0] = destination
  const where = `${destination.join('.')}:${destinationPort}`
  if (isFragment) return `a fragment went to ${where}`
  if (!SERVER_PORTS.has(sourcePort)) return `a reply to ${where} comes from port ${sourcePort}`
  if (!CLIENT_PORTS.has(destinationPort)) return `a reply went to ${where}`
  if (destination.every(octet => octet === 255)) return undefined
  if (a !== 10 || b !== 96) return `a reply left our network, for ${where}`
  const isNobody = (c === 0 && d <= 1) || (c === 255 && d === 255)
  return isNobody ? `a reply went to ${where}` : undefined
}
