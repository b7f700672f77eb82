import { createRequire } from 'node:module'
import type { Fetched } from '../contents.ts'

/**
 * What we use of npm `tftp2` (0.0.1): connection and packet, a codec that shares nothing with ours. Alone it would
 * wait for ever, ignore ERRORs, accept anybody's packets and stop at block 65535; the loop below sees to that.
 */
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
  once(event: 'error', listener: (error: Error) => void): void
  close(): void
}
const require = createRequire(import.meta.url)
const Connection: new (peer: { address: string; port: number }) => WitnessConnection =
  require('tftp2/connection')
const Packet: { readonly OPCODE: Readonly<Record<'RRQ' | 'DATA' | 'ERROR', number>> } =
  require('tftp2/packet')

/** Silence after which the server is held to be deaf; it repeats a packet after one second itself. */
const SILENCE_MS = 4000
const BLOCK_BYTES = 512

/** Reads a file as the simplest PROM does: no options, blocks of 512 octets, one at a time (RFC 1350). */
export async function fetchByTftp(address: string, port: number, filename: string): Promise<Fetched> {
  const connection = new Connection({ address, port })
  const startedMs = performance.now()
  try {
    const bytes = await read(connection, address, filename)
    return { kind: 'bytes', bytes, ms: performance.now() - startedMs }
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    connection.close()
  }
}

async function read(connection: WitnessConnection, address: string, filename: string): Promise<Buffer> {
  const parts: Buffer[] = []
  let answer = next(connection, address, 1)
  await connection.sendRequest(Packet.OPCODE.RRQ, filename)
  for (let block = 1; ; block += 1) {
    const packet = await answer
    if (packet.opcode === Packet.OPCODE.ERROR)
      throw new Error(`the server refuses ${filename}: error ${packet.code}, ${packet.message}`)
    parts.push(packet.data)
    connection.setRemoteDescription(packet.rinfo)
    const isLast = packet.data.length < BLOCK_BYTES
    if (!isLast) answer = next(connection, address, block + 1)
    await connection.sendAck(block & 0xffff)
    if (isLast) return Buffer.concat(parts)
  }
}

/** The block asked for or an ERROR, from this server; rejects after {@link SILENCE_MS}. */
async function next(connection: WitnessConnection, address: string, block: number): Promise<WitnessPacket> {
  const wanted = connection.wait(
    packet =>
      packet.rinfo.address === address &&
      (packet.opcode === Packet.OPCODE.ERROR ||
        (packet.opcode === Packet.OPCODE.DATA && packet.block === (block & 0xffff))),
  )
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${SILENCE_MS / 1000} s`)), SILENCE_MS)
    connection.once('error', reject)
  })
  return Promise.race([wanted, silence]).finally(() => clearTimeout(timer))
}
