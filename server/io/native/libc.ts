import { createRequire } from 'node:module'
import { endianness } from 'node:os'
import type * as Koffi from 'koffi'

/**
 * Calls of the C library that Node does not offer. Each gives what the call gives, or the negated errno. All are
 * synchronous: what a pointer leads to must be there during the call and not after it. None waits but `poll`.
 */
export type Libc = {
  /** sendmmsg(2): `headers` holds `count` `struct mmsghdr`. How many went out. */
  sendmmsg(descriptor: number, headers: Uint8Array, count: number, flags: number): number
  /** recvmmsg(2) without a time limit. How many came in. */
  recvmmsg(descriptor: number, headers: Uint8Array, count: number, flags: number): number
  /** poll(2): `entries` holds `count` `struct pollfd`. How many have something; 0 after `timeoutMs` without. */
  poll(entries: Uint8Array, count: number, timeoutMs: number): number
  /** sched_setattr(2) for the calling thread: `attributes` is a `struct sched_attr`. 0. */
  schedSetattr(attributes: Uint8Array): number
  /** setsockopt(2): 0. */
  setsockopt(descriptor: number, level: number, option: number, value: Uint8Array): number
  /** getsockopt(2): how many octets of `into` it filled. */
  getsockopt(descriptor: number, level: number, option: number, into: Uint8Array): number
  /** Where the octets are; valid as long as something holds `bytes`. */
  addressOf(bytes: Uint8Array): bigint
}

/**
 * Processors whose C structures have the layout that our callers fill in: 64 bits, little endian. With the number of
 * sched_setattr there, for which glibc has had a name only since 2.41.
 */
const SCHED_SETATTR: Readonly<Record<string, number>> = { x64: 314, arm64: 274 }
let loaded: { readonly libc: Libc | undefined } | undefined

/**
 * The C library of this process through koffi; undefined where there is none that we know how to call (another system
 * or processor, no prebuilt koffi, a C library without these calls). Everything works without it, at more CPU.
 */
export function loadLibc(): Libc | undefined {
  loaded ??= { libc: tryLoad() }
  return loaded.libc
}

function tryLoad(): Libc | undefined {
  const schedSetattr = SCHED_SETATTR[process.arch]
  if (process.platform !== 'linux' || schedSetattr === undefined || endianness() !== 'LE') return undefined
  try {
    return bind(createRequire(import.meta.url)('koffi'), schedSetattr)
  } catch {
    return undefined
  }
}

function bind(koffi: typeof Koffi, schedSetattr: number): Libc {
  const library = koffi.load('libc.so.6')
  const sendmmsg = library.func('int sendmmsg(int fd, void *headers, unsigned int count, int flags)')
  const recvmmsg = library.func(
    'int recvmmsg(int fd, void *headers, unsigned int count, int flags, void *none)',
  )
  const poll = library.func('int poll(void *entries, unsigned long count, int timeout)')
  const syscall = library.func('long syscall(long number, int thread, void *attributes, unsigned int flags)')
  const setsockopt = library.func('int setsockopt(int fd, int level, int name, void *value, uint32_t length)')
  const getsockopt = library.func('int getsockopt(int fd, int level, int name, void *value, void *length)')
  const orErrno = (result: number): number => (result < 0 ? -koffi.errno() : result)
  return {
    sendmmsg: (descriptor, headers, count, flags) => orErrno(sendmmsg(descriptor, headers, count, flags)),
    recvmmsg: (descriptor, headers, count, flags) =>
      orErrno(recvmmsg(descriptor, headers, count, flags, null)),
    poll: (entries, count, timeoutMs) => orErrno(poll(entries, count, timeoutMs)),
    schedSetattr: attributes => orErrno(syscall(schedSetattr, 0, attributes, 0)),
    setsockopt: (descriptor, level, option, value) =>
      orErrno(setsockopt(descriptor, level, option, value, value.length)),
    getsockopt: (descriptor, level, option, into) => {
      const length = Uint32Array.of(into.length)
      const result = orErrno(getsockopt(descriptor, level, option, into, length))
      return result < 0 ? result : (length[0] ?? 0)
    },
    addressOf: bytes => koffi.address(bytes),
  }
}
