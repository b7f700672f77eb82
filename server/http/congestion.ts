/**
 * The congestion control for the files' connections when the host's is another: undefined to leave the host's. BBR
 * spreads what it sends over time. Linux leaves that to the queue of the NIC where that is `fq`; elsewhere each
 * connection sets a timer for each 64 KB, and setting and serving those took a third of our time with 16 clients
 * (docs/benchmarks.md). CUBIC, Linux' default, goes by the acknowledgements alone, which on a LAN come at once.
 */
export function congestionInstead(hosts: string): string | undefined {
  return hosts.startsWith('bbr') ? 'cubic' : undefined
}
