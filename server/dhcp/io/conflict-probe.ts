import { readFile } from 'node:fs/promises'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { readArpTable } from '../arp-table.ts'
import type { ConflictProbe } from '../conflict.ts'
import type { Endpoint } from '../packet.ts'

/** Discard (RFC 863): whoever has the address is made to answer ARP, and nothing else comes of it. */
const DISCARD_PORT = 9
const NOTHING = Uint8Array.of(0)
/** ARP has answered by then, or will not. */
const WAIT_MS = 400
/** Those that wait for the same step share one look at the kernel's table. */
const STEP_MS = 50
/** How long what was found is taken to be so still. */
const FRESH_MS = 30_000
const MAX_REMEMBERED = 4096

type Found = { readonly user: Promise<Mac | undefined>; readonly untilMs: number }

/**
 * Looks for the user of an address without raw sockets: a datagram makes the kernel ask by ARP, and its table tells
 * whether anybody answered. Works on the link itself only.
 */
export function createConflictProbe(
  device: string,
  send: (bytes: Uint8Array, to: Endpoint) => Promise<void>,
): ConflictProbe {
  const remembered = new Map<Ipv4, Found>()
  const looks = new Map<number, Promise<ReadonlyMap<Ipv4, Mac>>>()

  const lookAt = (atMs: number): Promise<ReadonlyMap<Ipv4, Mac>> => {
    const shared = looks.get(atMs)
    if (shared !== undefined) return shared
    const look = new Promise<void>(resolve => setTimeout(resolve, atMs - Date.now())).then(async () => {
      looks.delete(atMs)
      return readArpTable(await readFile('/proc/net/arp', 'utf8').catch(() => ''), device)
    })
    looks.set(atMs, look)
    return look
  }

  return ip => {
    const nowMs = Date.now()
    const known = remembered.get(ip)
    if (known !== undefined && known.untilMs > nowMs) return known.user
    // A host that cannot be reached is what we hope for.
    send(NOTHING, { address: ip, port: DISCARD_PORT }).catch(() => undefined)
    const atMs = Math.ceil((nowMs + WAIT_MS) / STEP_MS) * STEP_MS
    const user = lookAt(atMs).then(users => users.get(ip))
    if (remembered.size >= MAX_REMEMBERED) remembered.clear()
    remembered.set(ip, { user, untilMs: atMs + FRESH_MS })
    return user
  }
}
