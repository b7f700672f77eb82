import { expect, it } from 'vitest'
import { destinationFlaw } from './dhcp/destination-rules.ts'
import { createFrameReader, type Frame } from './frames.ts'

const FRAME: Frame = { destination: [10, 96, 0, 2], sourcePort: 67, destinationPort: 67, isFragment: false }

/** A pcap file with one frame per destination. */
function pcap(...destinations: readonly (readonly number[])[]): Buffer {
  const file = Buffer.alloc(24)
  file.writeUInt32LE(0xa1b2c3d4)
  const records = destinations.map(destination => {
    const record = Buffer.alloc(16 + 42)
    record.writeUInt32LE(42, 8)
    record[16 + 14] = 0x45
    record.set(destination, 16 + 30)
    record.writeUInt16BE(67, 16 + 34)
    record.writeUInt16BE(68, 16 + 36)
    return record
  })
  return Buffer.concat([file, ...records])
}

it('reads a capture that comes in pieces', () => {
  const read = createFrameReader()
  const bytes = pcap([10, 96, 0, 2], [255, 255, 255, 255])
  const frames = [0, 10, 30, 70, 90, 200].flatMap((at, index, cuts) =>
    read(bytes.subarray(at, cuts[index + 1])),
  )
  expect(frames.map(frame => frame.destination.join('.'))).toEqual(['10.96.0.2', '255.255.255.255'])
  expect(frames[0]).toMatchObject({ sourcePort: 67, destinationPort: 68, isFragment: false })
})

it('knows where no reply may go', () => {
  expect(destinationFlaw(FRAME)).toBeUndefined()
  expect(
    destinationFlaw({ ...FRAME, destination: [255, 255, 255, 255], destinationPort: 68 }),
  ).toBeUndefined()
  for (const destination of [
    [224, 0, 0, 1],
    [10, 96, 0, 1],
    [10, 96, 255, 255],
    [192, 0, 2, 1],
    [10, 97, 0, 2],
  ])
    expect(destinationFlaw({ ...FRAME, destination })).toMatch(/went|left/)
  expect(destinationFlaw({ ...FRAME, destinationPort: 53 })).toMatch(/53/)
  expect(destinationFlaw({ ...FRAME, isFragment: true })).toMatch(/fragment/)
})
