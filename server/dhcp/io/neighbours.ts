import { readFile } from 'node:fs/promises'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { Mac } from '../../../config/values/mac.ts'

/** The MAC the kernel knows for `ip` (proc(5), /proc/net/arp); `undefined` when it knows none. */
export async function neighbourMac(ip: Ipv4): Promise<Mac | undefined> {
  const table = await readFile('/proc/net/arp', 'utf8').catch(() => '')
  const columns = table.split('\n').map(line => line.split(/\s+/))
  const mac = Mac.safeParse(columns.find(([address]) => address === ip)?.[3])
  return mac.success ? mac.data : undefined
}
