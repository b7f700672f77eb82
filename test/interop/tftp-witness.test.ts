import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rig } from '../server/tftp/tftp-rig.ts'
import { LOOPBACK, memoryFiles, startRig } from '../server/tftp/tftp-rig.ts'

/** What we use of npm `tftp2`'s packets. Its codec is somebody else's: a bug in ours cannot hide from it. */
type WitnessPacket = {
  readonly opcode: number
  readonly block: number
  readonly data: Buffer
  readonly code: number
  readonly message: string
  readonly rinfo: { readonly address: string; readonly port: number }
}
type WitnessConnection = {
  setRemoteDescription(peer: { address: string; port: number }): void
  sendRequest(opcode: number, filename: string): Promise<number>
  sendAck(block: number): Promise<number>
  wait(wanted: (packet: WitnessPacket) => boolean): Promise<WitnessPacket>
  close(): void
}

const require = createRequire(import.meta.url)
const Connection: new (peer: { address: string; port: number }) => WitnessConnection =
  require('tftp2/connection')
const Packet: {
  readonly OPCODE: Readonly<Record<'RRQ' | 'DATA' | 'ERROR', number>>
} = require('tftp2/packet')

/** Reads a file as the simplest PROM does: no options, blocks of 512 octets, one at a time (RFC 1350). */
async function readAsProm(port: number, filename: string): Promise<Buffer> {
  const connection = new Connection({ address: LOOPBACK, port })
  const parts: Buffer[] = []
  try {
    let answer = connection.wait(
      ({ opcode }) => opcode === Packet.OPCODE.DATA || opcode === Packet.OPCODE.ERROR,
    )
    await connection.sendRequest(Packet.OPCODE.RRQ, filename)
    for (let block = 1; ; block++) {
      const packet = await answer
      if (packet.opcode === Packet.OPCODE.ERROR) throw new Error(`ERROR ${packet.code}: ${packet.message}`)
      expect(packet.block).toBe(block & 0xffff)
      parts.push(packet.data)
      connection.setRemoteDescription(packet.rinfo)
      const isLast = packet.data.length < 512
      if (!isLast) answer = connection.wait(({ block: got }) => got === ((block + 1) & 0xffff))
      await connection.sendAck(block & 0xffff)
      if (isLast) return Buffer.concat(parts)
    }
  } finally {
    connection.close()
  }
}

const FILES = Object.fromEntries(
  [0, 1, 511, 512, 513, 100_000, 40_000_000].map(size => [`f${size}`, randomBytes(size)]),
)

describe('npm tftp2, a client that knows no options', () => {
  let rig: Rig
  beforeAll(async () => {
    rig = await startRig(memoryFiles(FILES))
  })
  afterAll(() => rig.close())

  it.each(Object.keys(FILES))('C119 reads %s unchanged', async name => {
    const got = await readAsProm(rig.port, name)
    expect(got.equals(FILES[name] ?? Buffer.alloc(0))).toBe(true)
    await expect.poll(() => rig.transfers.at(-1)).toMatchObject({ path: name, outcome: 'complete' })
  })

  it('is told that a file is missing', async () => {
    await expect(readAsProm(rig.port, 'nix')).rejects.toThrow('ERROR 1: file not found')
  })
})
