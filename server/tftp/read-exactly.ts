import type { TftpFile } from './file.ts'

/** `length` octets from `offset`, or what there is up to the size announced; rejects when the file has shrunk. */
export async function readExactly(file: TftpFile, offset: number, length: number): Promise<Uint8Array> {
  const wanted = Math.max(0, Math.min(length, file.sizeBytes - offset))
  const bytes = wanted === 0 ? new Uint8Array() : await file.read(offset, wanted)
  if (bytes.length !== wanted)
    throw new Error(`file ended early: ${bytes.length} of ${wanted} octets at ${offset}`)
  return bytes
}
