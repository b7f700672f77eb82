import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { decodeRecords, encodeRecord, type OutputRecord, type PlacedRecord } from '../record.ts'
import { OUTPUT_KEPT_BYTES } from '../retention.ts'

/** Octets of one file. The oldest is removed as a whole; a record, one frame of the keeper at most, fits into it. */
const SEGMENT_BYTES = 128 << 10

/** One file: `start` is where it begins, counted from the beginning of all that was ever written. */
type Segment = { readonly start: number; sizeBytes: number }

/** Records in the order they were written, and where to go on after them. `droppedBytes` are missing before the first. */
export type ReadRecords = {
  readonly records: readonly OutputRecord[]
  readonly next: number
  readonly droppedBytes: number
}

/** The kept output of one process: a row of files of which the oldest go first. */
export type OutputFile = {
  /** Keeps what was written. Where there is no room for it, it counts as written and dropped; this never throws. */
  append(record: OutputRecord): void
  /** Records from the place `from` on, at least one if there is any, and not many more octets than `mostBytes`. */
  read(from: number, mostBytes: number): ReadRecords
  /** Where the next record will be. */
  position(): number
  sizeBytes(): number
  /** Nothing more is written. */
  close(): void
  remove(): void
}

/** Opens the output in `folder`, an empty one or what was left there. Throws when the folder cannot be made. */
export function openOutputFile(folder: string): OutputFile {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const segments: Segment[] = readdirSync(folder)
    .map(name => ({ start: Number(name), sizeBytes: statSync(join(folder, name)).size }))
    .sort((a, b) => a.start - b.start)
  const last = segments.at(-1)
  let position = last === undefined ? 0 : last.start + last.sizeBytes
  let file: number | undefined

  const sizeBytes = (): number => segments.reduce((sum, one) => sum + one.sizeBytes, 0)

  function dropOldest(): boolean {
    // The last one is being written.
    const oldest = segments.length > 1 ? segments.shift() : undefined
    if (oldest !== undefined) rmSync(join(folder, `${oldest.start}`), { force: true })
    return oldest !== undefined
  }

  function closeFile(): void {
    if (file !== undefined) closeSync(file)
    file = undefined
  }

  function write(bytes: Uint8Array): void {
    let segment = segments.at(-1)
    if (file === undefined || segment === undefined || segment.sizeBytes + bytes.length > SEGMENT_BYTES) {
      closeFile()
      file = openSync(join(folder, `${position}`), 'ax', 0o600)
      segment = { start: position, sizeBytes: 0 }
      segments.push(segment)
    }
    try {
      let written = 0
      while (written < bytes.length) written += writeSync(file, bytes, written)
      segment.sizeBytes += bytes.length
    } catch (error) {
      ftruncateSync(file, segment.sizeBytes)
      throw error
    }
  }

  function readSegment({ start }: Segment): readonly PlacedRecord[] {
    return decodeRecords(readFileSync(join(folder, `${start}`))).map(record => ({
      ...record,
      start: start + record.start,
      end: start + record.end,
    }))
  }

  return {
    append(record) {
      const bytes = encodeRecord(record)
      for (;;) {
        try {
          write(bytes)
          break
        } catch {
          if (dropOldest()) continue
          // What comes next begins a file of its own, so that the gap is seen.
          closeFile()
          break
        }
      }
      position += bytes.length
      while (sizeBytes() > OUTPUT_KEPT_BYTES && dropOldest());
    },
    read(from, mostBytes) {
      const records: PlacedRecord[] = []
      let leftBytes = mostBytes
      for (const segment of segments) {
        if (leftBytes <= 0) break
        if (segment.start + segment.sizeBytes <= from) continue
        for (const record of readSegment(segment)) {
          if (record.start < from || leftBytes <= 0) continue
          records.push(record)
          leftBytes -= record.bytes.length
        }
      }
      const first = records[0]
      const next = records.at(-1)?.end ?? position
      return { records, next, droppedBytes: Math.max(0, (first?.start ?? position) - from) }
    },
    position: () => position,
    sizeBytes,
    close: closeFile,
    remove() {
      closeFile()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
