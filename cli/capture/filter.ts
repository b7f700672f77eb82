import type { Mac } from '../../config/values/mac.ts'

/** TCP segments shorter than this carry requests, acknowledgements and small answers. */
const SMALL_FRAME_BYTES = 300

/**
 * tcpdump's filter for everything of one machine and nothing else: what its card sends or is sent, and the DHCP that
 * is broadcast about it (its address stands at octet 28 of the BOOTP header, 36 of the UDP datagram). Unless `full`,
 * the bulk of a TCP download is left out; its size still shows in the acknowledgements.
 */
export function captureFilter(mac: Mac, full: boolean): string {
  const hex = mac.replaceAll(':', '')
  const about = `udp[36:4] = 0x${hex.slice(0, 8)} and udp[40:2] = 0x${hex.slice(8)}`
  const dhcp = `(udp and (port 67 or port 68 or port 4011) and ${about})`
  const machine = `(ether host ${mac} or ${dhcp})`
  if (full) return machine
  // The first segment of an answer is as long as the others, but begins with "HTTP".
  const answerHead = 'tcp[((tcp[12] & 0xf0) >> 2):4] = 0x48545450'
  return `${machine} and (not tcp or less ${SMALL_FRAME_BYTES} or ${answerHead})`
}
