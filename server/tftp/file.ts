import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { TftpPath } from './filename.ts'

/** What is served: a file of the disk or one made up. `read` gives fewer octets only at the end. */
export type TftpFile = {
  /** Exact: it is what `tsize` tells. */
  readonly sizeBytes: number
  /**
   * Equal identities have equal content for good, so their transfers share the packets made of it; text, or the object
   * that holds the content. Left out for what was made for one request.
   */
  readonly identity?: string | object
  read(offset: number, length: number): Promise<Uint8Array>
  close(): Promise<void>
}

/** Finds or makes the content behind a path, for this client; undefined when there is none. */
export type OpenFile = (request: {
  readonly path: TftpPath
  readonly client: Ipv4
}) => Promise<TftpFile | undefined>

/** Content in memory that is served many times and never changes, such as a loader. */
export function bytesFile(bytes: Uint8Array): TftpFile {
  return { ...onceFile(bytes), identity: bytes }
}

/** Content made for one request, such as a script with a machine's own address in it. */
export function onceFile(bytes: Uint8Array): TftpFile {
  return {
    sizeBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    close: async () => undefined,
  }
}

/** The first of `openers` that knows the path. */
export function firstOf(...openers: readonly OpenFile[]): OpenFile {
  return async request => {
    for (const open of openers) {
      const file = await open(request)
      if (file !== undefined) return file
    }
    return undefined
  }
}
