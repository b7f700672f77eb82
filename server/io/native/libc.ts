import { createRequire } from 'node:module'
import { endianness } from 'node:os'
import type * as Koffi from 'koffi'

/**
 * Calls of the C library that Node does not offer. Each gives what the call gives, or the negated errno. All are
 * synchronous: what a pointer leads to must be there during the call and not after it.
 */
export type Libc = {
  /** sendmmsg(2): `headers` holds `count` `struct mmsghdr`. How many went out. */
  sendmmsg(descriptor: number, headers: Uint8Array, count: number, flags: number): number
  /** recvmmsg(2) without a time limit. How many came in. */
  recvmmsg(descriptor: number, headers: Uint8Array, count: number, flags: number): number
  /** sendfile(2) from `position` of a file. Octets that `socket` took. */
  sendfile(socket: number, file: number, position: number, maxBytes: number): number
  /** preadv2(2) with RWF_NOWAIT: octets of a file that are in memory already; -EAGAIN when they are not. */
  readCached(file: number, into: Uint8Array, position: number): number
  /** Where the octets are; valid as long as something holds `bytes`. */
  addressOf(bytes: Uint8Array): bigint
}

/** Processors whose C structures have the layout that our callers fill in: 64 bits, little endian. */
const KNOWN_ARCHITECTURES = new Set(['x64', 'arm64'])
/** Linux: `preadv2` gives EAGAIN instead of waiting for the disk. */
const RWF_NOWAIT = 8
/** Octets of a `struct iovec`: address, length. */
const IOVEC_BYTES = 16

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
  const isKnown =
    process.platform === 'linux' && KNOWN_ARCHITECTURES.has(process.arch) && endianness() === 'LE'
  if (!isKnown) return undefined
  try {
    return bind(createRequire(import.meta.url)('koffi'))
  } catch {
    return undefined
  }
}

function bind(koffi: typeof Koffi): Libc {
  const library = koffi.load('libc.so.6')
  const sendmmsg = library.func('int sendmmsg(int fd, void *headers, unsigned int count, int flags)')
  const recvmmsg = library.func(
    'int recvmmsg(int fd, void *headers, unsigned int count, int flags, void *none)',
  )
  const sendfile = library.func('intptr_t sendfile64(int out, int in, void *offset, size_t count)')
  const preadv2 = library.func('intptr_t preadv2(int fd, void *parts, int count, int64_t offset, int flags)')
  const orErrno = (result: number): number => (result < 0 ? -koffi.errno() : result)
  const offset = new BigInt64Array(1)
  const part = new BigUint64Array(IOVEC_BYTES / 8)
  return {
    sendmmsg: (descriptor, headers, count, flags) => orErrno(sendmmsg(descriptor, headers, count, flags)),
    recvmmsg: (descriptor, headers, count, flags) =>
      orErrno(recvmmsg(descriptor, headers, count, flags, null)),
    sendfile: (socket, file, position, maxBytes) => {
      offset[0] = BigInt(position)
      return orErrno(sendfile(socket, file, offset, maxBytes))
    },
    readCached: (file, into, position) => {
      part[0] = koffi.address(into)
      part[1] = BigInt(into.length)
      return orErrno(preadv2(file, part, 1, position, RWF_NOWAIT))
    },
    addressOf: bytes => koffi.address(bytes),
  }
}
