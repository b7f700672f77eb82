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
  /** sched_getattr(2) of the calling thread into `attributes`, a `struct sched_attr`. 0. */
  schedGetattr(attributes: Uint8Array): number
  /** sched_setattr(2) for the calling thread: `attributes` is a `struct sched_attr`. 0. */
  schedSetattr(attributes: Uint8Array): number
  /** setsockopt(2): 0. */
  setsockopt(descriptor: number, level: number, option: number, value: Uint8Array): number
  /** getsockopt(2): how many octets of `into` it filled. */
  getsockopt(descriptor: number, level: number, option: number, into: Uint8Array): number
  /** Where the octets are; valid as long as something holds `bytes`. */
  addressOf(bytes: Uint8Array): bigint
}

/** Numbers of calls that glibc has had names for only since 2.41. */
type CallNumbers = { readonly schedSetattr: number; readonly schedGetattr: number }
/** Processors whose C structures have the layout that our callers fill in: 64 bits, little endian. */
const CALL_NUMBERS: Readonly<Record<string, CallNumbers>> = {
  x64: { schedSetattr: 314, schedGetattr: 315 },
  arm64: { schedSetattr: 274, schedGetattr: 275 },
}
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
  const numbers = CALL_NUMBERS[process.arch]
  if (process.platform !== 'linux' || numbers === undefined || endianness() !== 'LE') return undefined
  try {
    return bind(createRequire(import.meta.url)('koffi'), numbers)
  } catch {
    return undefined
  }
}

function bind(koffi: typeof Koffi, numbers: CallNumbers): Libc {
  const library = koffi.load('libc.so.6')
  const sendmmsg = library.func('int sendmmsg(int fd, void *headers, unsigned int count, int flags)')
  const recvmmsg = library.func(
    'int recvmmsg(int fd, void *headers, unsigned int count, int flags, void *none)',
  )
  const poll = library.func('int poll(void *entries, unsigned long count, int timeout)')
  const syscall = library.func(
    'long syscall(long number, int thread, void *attributes, unsigned int third, unsigned int fourth)',
  )
  const setsockopt = library.func('int setsockopt(int fd, int level, int name, void *value, uint32_t length)')
  const getsockopt = library.func('int getsockopt(int fd, int level, int name, void *value, void *length)')
  const orErrno = (result: number): number => (result < 0 ? -koffi.errno() : result)
  return {
    sendmmsg: (descriptor, headers, count, flags) => orErrno(sendmmsg(descriptor, headers, count, flags)),
    recvmmsg: (descriptor, headers, count, flags) =>
      orErrno(recvmmsg(descriptor, headers, count, flags, null)),
    poll: (entries, count, timeoutMs) => orErrno(poll(entries, count, timeoutMs)),
    schedGetattr: attributes => orErrno(syscall(numbers.schedGetattr, 0, attributes, attributes.length, 0)),
    schedSetattr: attributes => orErrno(syscall(numbers.schedSetattr, 0, attributes, 0, 0)),
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
