import type { ServerResponse } from 'node:http'
import { constants } from 'node:os'
import { descriptorOf } from '../../io/native/descriptor.ts'
import type { Libc } from '../../io/native/libc.ts'
import type { OpenFile } from './shared-files.ts'

const { errno } = constants
/** The connection's buffer is full, or a signal came in between. */
const NOT_NOW: ReadonlySet<number> = new Set([errno.EAGAIN, errno.EINTR])
/** One go: what others wait for, and enough that the call does not count. */
const GO_BYTES = 512 << 10
/** Whether this much of a file is in memory is asked with one octet: Linux reads ahead in steps of it. */
const PROBE_BYTES = 256 << 10
/** Written by Node when the kernel's buffer is full, because Node tells when it was taken: then there is room again. */
const PLUG_BYTES = 16 << 10

/**
 * What became of one go: octets that the kernel took, and what is in the way of the next, if anything. `full`: the
 * connection takes no more now. `cold`: the next part would come from the disk, or the kernel's way is closed: Node's
 * turn.
 */
export type KernelGo = { readonly sentBytes: number; readonly obstacle: 'full' | 'cold' | undefined }

const COLD: KernelGo = { sentBytes: 0, obstacle: 'cold' }
const FULL: KernelGo = { sentBytes: 0, obstacle: 'full' }

/**
 * The kernel's own way from the page cache into a connection: sendfile(2), no octet passes through Node. Only for what
 * is in memory, because the call waits for the disk and everybody with it; and only while Node holds nothing for the
 * connection, because that would come later than it should.
 */
export class KernelPath {
  readonly #libc: Libc
  readonly #response: ServerResponse
  readonly #file: number
  readonly #probe = Buffer.allocUnsafeSlow(1)
  #socket: number | undefined

  constructor(libc: Libc, response: ServerResponse, file: number) {
    this.#libc = libc
    this.#response = response
    this.#file = file
    this.#socket = response.socket === null ? undefined : descriptorOf(response.socket)
  }

  /** Sends octets from `position` to `end` (inclusive), at most one go. */
  go(position: number, end: number): KernelGo {
    const socket = this.#openSocket()
    if (socket === undefined) return COLD
    const wanted = Math.min(GO_BYTES, end - position + 1)
    const warm = this.#warmBytes(position, wanted)
    if (warm === 0) return COLD
    const result = this.#libc.sendfile(socket, this.#file, position, warm)
    if (result > 0) return { sentBytes: result, obstacle: result < warm ? 'full' : undefined }
    if (NOT_NOW.has(-result)) return FULL
    // The client left, the file ends here, or this file system cannot: Node's own way meets the same and says so.
    this.#socket = undefined
    return COLD
  }

  /** A small piece from `position` on if it is in memory. */
  plug(position: number, end: number): Uint8Array | undefined {
    const piece = Buffer.allocUnsafeSlow(Math.min(PLUG_BYTES, end - position + 1))
    const read = this.#libc.readCached(this.#file, piece, position)
    return read > 0 ? piece.subarray(0, read) : undefined
  }

  #openSocket(): number | undefined {
    const { socket, writableLength, destroyed } = this.#response
    const isQuiet = socket !== null && !socket.destroyed && !destroyed && writableLength === 0
    return isQuiet ? this.#socket : undefined
  }

  #warmBytes(position: number, wanted: number): number {
    let warm = 0
    while (warm < wanted) {
      const step = Math.min(PROBE_BYTES, wanted - warm)
      if (this.#libc.readCached(this.#file, this.#probe, position + warm + step - 1) !== 1) break
      warm += step
    }
    return warm
  }
}

/** The kernel's way for this response and file; undefined where there is none. */
export function kernelPath(
  libc: Libc | undefined,
  response: ServerResponse,
  file: OpenFile,
): KernelPath | undefined {
  if (libc === undefined || file.descriptor === undefined || response.socket === null) return undefined
  return 'encrypted' in response.socket ? undefined : new KernelPath(libc, response, file.descriptor)
}
