import { Ipv4 } from '../../config/values/ipv4.ts'
import { Mac } from '../../config/values/mac.ts'

/** ATF_COM of if_arp.h: the kernel got an answer. */
const COMPLETE = 2

/**
 * Who answers at which address of `device`, from the text of `/proc/net/arp` (proc(5)): address, hardware type,
 * flags, MAC, mask, device.
 */
export function readArpTable(text: string, device: string): ReadonlyMap<Ipv4, Mac> {
  const users = new Map<Ipv4, Mac>()
  for (const line of text.split('\n')) {
    const [address, , flags, hardware, , at] = line.split(/\s+/)
    if (at !== device || (Number(flags) & COMPLETE) === 0) continue
    const [ip, mac] = [Ipv4.safeParse(address), Mac.safeParse(hardware)]
    if (ip.success && mac.success) users.set(ip.data, mac.data)
  }
  return users
}
