import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'

/** What has been written to one file, brought to the disk. */
export type DataSync = {
  /** Resolves when everything written before is on the disk; rejects with the system's error. */
  sync(): Promise<void>
  close(): void
}

/**
 * Opens the file at `path` once more, to sync it on a thread of its own (libuv's) while ours goes on. A file shorter
 * than `reservedBytes` is filled up with zeros: to sync what has been written within a file takes half the time of what
 * makes it longer, for then the file system has its own journal to write. Throws the system's error where there is no
 * such file.
 */
export function openDataSync(path: string, reservedBytes: number): DataSync {
  const descriptor = openSync(path, 'r+')
  reserve(descriptor, reservedBytes)
  const flush = () =>
    new Promise<void>((resolve, reject) => {
      fdatasync(descriptor, error => (error === null ? resolve() : reject(error)))
    })
  // Begun beside the rest of a start. The system tells of a failure only once, so all syncs hear of this one's.
  const filledUp = flush()
  filledUp.catch(() => undefined)
  return {
    sync: async () => {
      await Promise.all([filledUp, flush()])
    },
    close: () => closeSync(descriptor),
  }
}

/** Without the room for it there is none reserved; who writes will be told. */
function reserve(descriptor: number, bytes: number): void {
  const { size } = fstatSync(descriptor)
  if (size >= bytes) return
  try {
    writeSync(descriptor, new Uint8Array(bytes - size), 0, bytes - size, size)
  } catch {
    ftruncateSync(descriptor, size)
  }
}
