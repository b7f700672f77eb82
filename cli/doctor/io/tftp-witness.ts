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
}
type Sender = { readonly address: string; readonly port: number }
type WitnessConnection = {
  setRemoteDescription(peer: { address: string; port: number }): void
  sendRequest(opcode: number, filename: string): Promise<number>
  sendAck(block: number): Promise<number>
  on(event: 'message', listener: (bytes: Buffer, from: Sender) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  off(event: 'message', listener: (bytes: Buffer, from: Sender) => void): void
  off(event: 'error', listener: (error: Error) => void): void
  close(): void
}
const require = createRequire(import.meta.url)
const Connection: new (peer: { address: string; port: number }) => WitnessConnection =
  require('tftp2/connection')
const Packet: {
  readonly OPCODE: Readonly<Record<'RRQ' | 'DATA' | 'ERROR', number>>
  parse(bytes: Buffer): WitnessPacket
} = require('tftp2/packet')

/** Silence after which the server is held to be deaf; it repeats a packet after one second itself. */
const SILENCE_MS = 4000
const BLOCK_BYTES = 512
/** No loader is that large: whoever sends on and on is cut off. */
const MOST_BYTES = 64 << 20

/** Reads a file as the simplest PROM does: no options, blocks of 512 octets, one at a time (RFC 1350). */
export async function fetchByTftp(
  address: string,
  port: number,
  filename: string,
  silenceMs = SILENCE_MS,
): Promise<Fetched> {
  const connection = new Connection({ address, port })
  const startedMs = performance.now()
  try {
    const bytes = await read(connection, address, filename, silenceMs)
    return { kind: 'bytes', bytes, ms: performance.now() - startedMs }
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  } finally {
    connection.close()
  }
}

async function read(
  connection: WitnessConnection,
  address: string,
  filename: string,
  silenceMs: number,
): Promise<Buffer> {
  const parts: Buffer[] = []
  let answer = next(connection, { address }, 1, silenceMs)
  await connection.sendRequest(Packet.OPCODE.RRQ, filename)
  for (let block = 1; ; block += 1) {
    const { packet, from } = await answer
    if (packet.opcode === Packet.OPCODE.ERROR)
      throw new Error(`the server refuses ${filename}: error ${packet.code}, ${packet.message}`)
    parts.push(packet.data)
    if (block * BLOCK_BYTES > MOST_BYTES) throw new Error(`${filename} does not end`)
    connection.setRemoteDescription(from)
    const isLast = packet.data.length < BLOCK_BYTES
    if (!isLast) answer = next(connection, from, block + 1, silenceMs)
    await connection.sendAck(block & 0xffff)
    if (isLast) return Buffer.concat(parts)
  }
}

type Answer = { readonly packet: WitnessPacket; readonly from: Sender }

/**
 * The block asked for or an ERROR, from this server (once it is known: from its transfer's port, RFC 1350 §4); rejects
 * after `silenceMs`. The package's own `wait` would let a malformed datagram end the whole program.
 */
function next(
  connection: WitnessConnection,
  peer: Pick<Sender, 'address'> & Partial<Sender>,
  block: number,
  silenceMs: number,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const end = () => {
      clearTimeout(timer)
      connection.off('message', onMessage)
      connection.off('error', onError)
    }
    const onMessage = (bytes: Buffer, from: Sender) => {
      const isPeer = from.address === peer.address && (peer.port ?? from.port) === from.port
      const packet = isPeer ? parse(bytes) : undefined
      const isError = packet?.opcode === Packet.OPCODE.ERROR
      const isBlock = packet?.opcode === Packet.OPCODE.DATA && packet.block === (block & 0xffff)
      if (packet === undefined || !(isError || isBlock)) return
      end()
      resolve({ packet, from })
    }
    const onError = (error: Error) => {
      end()
      reject(error)
    }
    const timer = setTimeout(() => {
      end()
      reject(new Error(`no answer in ${silenceMs / 1000} s`))
    }, silenceMs)
    connection.on('message', onMessage)
    connection.on('error', onError)
  })
}

function parse(bytes: Buffer): WitnessPacket | undefined {
  try {
    return Packet.parse(bytes)
  } catch {
    return undefined
  }
}
