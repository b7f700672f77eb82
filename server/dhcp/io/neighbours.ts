import { readFile } from 'node:fs/promises'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { readArpTable } from '../arp-table.ts'

/** The MAC that answers at `ip` on `device`, as the kernel knows (proc(5), /proc/net/arp); `undefined` when none. */
export async function neighbourMac(ip: Ipv4, device: string): Promise<Mac | undefined> {
  return readArpTable(await readFile('/proc/net/arp', 'utf8').catch(() => ''), device).get(ip)
}
