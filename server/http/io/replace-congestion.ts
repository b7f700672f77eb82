import type { Server } from 'node:net'
import { constants } from 'node:os'
import type { Log } from '../../../protocol/log.ts'
import { descriptorOf } from '../../io/native/descriptor.ts'
import type { Libc } from '../../io/native/libc.ts'
import { congestionInstead } from '../congestion.ts'

/** Linux: the level and option of tcp(7), and the room for a name with its zero (TCP_CA_NAME_MAX). */
const IPPROTO_TCP = 6
const TCP_CONGESTION = 13
const NAME_BYTES = 16

/**
 * Gives the connections that `server`, which listens, accepts from now on another congestion control where the host's
 * costs too much; they inherit it, so that no connection costs a call. Says in the log what it did. Where the kernel
 * refuses (a user without CAP_NET_ADMIN may set only `tcp_allowed_congestion_control`), they keep the host's.
 */
export function replaceCongestion(server: Server, libc: Libc, log: Log): void {
  const descriptor = descriptorOf(server)
  if (descriptor === undefined) return
  const hosts = congestionOf(descriptor, libc)
  const wanted = hosts === undefined ? undefined : congestionInstead(hosts)
  if (wanted === undefined) return
  const result = libc.setsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, Buffer.from(wanted))
  if (result === 0) log.info({ hosts, used: wanted }, 'files go out by another congestion control')
  else log.warn({ hosts, wanted, errno: nameOf(-result) }, 'the congestion control could not be replaced')
}

/** The name of the congestion control of a TCP socket; undefined where the kernel does not say. */
export function congestionOf(descriptor: number, libc: Libc): string | undefined {
  const name = Buffer.alloc(NAME_BYTES)
  const length = libc.getsockopt(descriptor, IPPROTO_TCP, TCP_CONGESTION, name)
  return length < 0 ? undefined : name.toString('latin1', 0, length).replace(/\0.*$/, '')
}

function nameOf(errno: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `${errno}`
}
