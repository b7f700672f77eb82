import { constants } from 'node:fs'
import { access, readFile, statfs } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { execa } from 'execa'
import type { FilterState } from '../firewall.ts'
import type { FacingLink } from '../host-state.ts'
import { type Listener, parseListeners } from '../ports.ts'

/** Debian keeps what only administrators used here; an ordinary user's PATH lacks them. */
const PATH = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`

/** A program's output, or `undefined` when it is missing or refuses. */
async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  const result = await execa(program, args, { reject: false, timeout: 5000, env: { PATH }, stdin: 'ignore' })
  return result.failed ? undefined : result.stdout
}

/** The sockets that listen on this host; `undefined` without iproute2's `ss`. */
export async function readListeners(protocol: 'udp' | 'tcp'): Promise<readonly Listener[] | undefined> {
  const text = await outputOf('ss', [protocol === 'udp' ? '-Hlunp' : '-Hltnp'])
  return text === undefined ? undefined : parseListeners(text)
}

/** What the packet filter says, as far as this user may ask. */
export async function readFilters(): Promise<FilterState> {
  const [nft, iptables, ufw, firewalld] = await Promise.all([
    outputOf('nft', ['-j', 'list', 'ruleset']),
    outputOf('iptables', ['-S', 'INPUT']),
    outputOf('ufw', ['status']),
    outputOf('firewall-cmd', ['--state']),
  ])
  return { nft, iptables, ufw, firewalld }
}

/** Whether a program is found. */
export async function hasProgram(name: string): Promise<boolean> {
  for (const folder of PATH.split(delimiter)) {
    const found = await access(join(folder, name), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return true
  }
  return false
}

/** Free space for an ordinary user below `path`, or below the nearest folder above it that is there. */
export async function freeBytesBelow(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch (error) {
    if (dirname(path) === path) throw error
    return freeBytesBelow(dirname(path))
  }
}

/** Address and link of an interface, as Node and /sys see them. */
export async function readLink(name: string, address: string | undefined): Promise<FacingLink> {
  const found = networkInterfaces()[name]?.find(each => each.family === 'IPv4')?.address
  const carrier = await readFile(`/sys/class/net/${name}/carrier`, 'utf8').catch(() => '0')
  const isThere = await access(`/sys/class/net/${name}`).then(
    () => true,
    () => false,
  )
  return { interface: name, address: isThere ? (address ?? found) : undefined, isUp: carrier.trim() === '1' }
}

/** Whether this host has the address: a lab's server has a network of its own. */
export function hasAddress(address: string): boolean {
  return Object.values(networkInterfaces()).some(each => each?.some(one => one.address === address))
}
