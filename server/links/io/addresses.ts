import { networkInterfaces } from 'node:os'
import { execa } from 'execa'
import { Cidr } from '../../../config/values/cidr.ts'
import type { PresentAddress } from '../link.ts'
import { presentAddresses } from '../present.ts'

/**
 * All IPv4 addresses of NICs that are up, also of those without a cable (a bridge before its first port), which Node
 * does not list. Where `ip` (iproute2) is missing, what Node lists, without the NICs' numbers. Rejects when `ip` fails.
 */
export async function readAddresses(): Promise<readonly PresentAddress[]> {
  const result = await execa('ip', ['-json', '-4', 'address', 'show', 'up'], {
    env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    reject: false,
  })
  if (result.code === 'ENOENT') return listedByNode()
  if (result.failed) throw result
  return presentAddresses(result.stdout)
}

function listedByNode(): readonly PresentAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? [])
      .filter(address => address.family === 'IPv4' && address.cidr !== null)
      .map(address => ({ interface: name, index: 0, cidr: Cidr.parse(address.cidr) })),
  )
}
