import type { OpenFile } from './io/shared-files.ts'

/** Content in memory as a file that is open; what is sent of it is never copied. */
export function memoryFile(bytes: Uint8Array, modifiedMs: number): OpenFile {
  return {
    sizeBytes: bytes.length,
    modifiedMs,
    shared: async position => bytes.subarray(position),
    ahead: () => undefined,
    own: async (position, length) => bytes.subarray(position, position + length),
    close: () => undefined,
  }
}
