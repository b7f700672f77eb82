import { readFile } from 'node:fs/promises'

/** The MTU of a NIC in octets, from sysfs; undefined where the system does not tell (no such NIC, no Linux). */
export async function readLinkMtu(interfaceName: string): Promise<number | undefined> {
  const text = await readFile(`/sys/class/net/${interfaceName}/mtu`, 'utf8').catch(() => '')
  const mtuBytes = Number.parseInt(text, 10)
  return Number.isNaN(mtuBytes) ? undefined : mtuBytes
}
