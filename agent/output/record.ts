/** What a process wrote at once to one of its outputs, 1 or 2, and when, by this node's clock. */
export type OutputRecord = { readonly stream: 1 | 2; readonly atMs: number; readonly bytes: Uint8Array }

/** A record and where it begins and ends, counted from the beginning of what it was read from. */
export type PlacedRecord = OutputRecord & { readonly start: number; readonly end: number }

/** Octets before those of the process: stream, time (a float of eight octets), length (four). */
export const RECORD_HEAD_BYTES = 13

/** One record as it lies in a file. */
export function encodeRecord({ stream, atMs, bytes }: OutputRecord): Uint8Array {
  const record = new Uint8Array(RECORD_HEAD_BYTES + bytes.length)
  const view = new DataView(record.buffer)
  view.setUint8(0, stream)
  view.setFloat64(1, atMs)
  view.setUint32(9, bytes.length)
  record.set(bytes, RECORD_HEAD_BYTES)
  return record
}

/** The records that are whole in `file`; what follows the last of them is left out. Their octets are views. */
export function decodeRecords(file: Uint8Array): readonly PlacedRecord[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const records: PlacedRecord[] = []
  let start = 0
  while (start + RECORD_HEAD_BYTES <= file.length) {
    const end = start + RECORD_HEAD_BYTES + view.getUint32(start + 9)
    if (end > file.length) break
    const stream = view.getUint8(start) === 2 ? 2 : 1
    const bytes = file.subarray(start + RECORD_HEAD_BYTES, end)
    records.push({ stream, atMs: view.getFloat64(start + 1), bytes, start, end })
    start = end
  }
  return records
}
