import { closeSync, fdatasync, openSync } from 'node:fs'

/** What has been written to one file, brought to the disk. */
export type DataSync = {
  /** Resolves when everything written before is on the disk; rejects with the system's error. */
  sync(): Promise<void>
  close(): void
}

/**
 * Opens the file at `path` once more, to sync it on a thread of its own (libuv's) while ours goes on. Throws the
 * system's error where there is no such file.
 */
export function openDataSync(path: string): DataSync {
  const descriptor = openSync(path, 'r')
  return {
    sync: () =>
      new Promise((resolve, reject) => {
        fdatasync(descriptor, error => (error === null ? resolve() : reject(error)))
      }),
    close: () => closeSync(descriptor),
  }
}
