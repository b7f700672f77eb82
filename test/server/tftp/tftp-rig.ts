import type { Socket } from 'node:dgram'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { ServerConfig } from '../../../config/server.ts'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Log } from '../../../protocol/log.ts'
import type { OpenFile } from '../../../server/tftp/file.ts'
import { bytesFile } from '../../../server/tftp/file.ts'
import type { TransferReport } from '../../../server/tftp/io/session.ts'
import type { TftpOptions } from '../../../server/tftp/service.ts'
import { startTftp } from '../../../server/tftp/service.ts'
import { testedLibc } from '../../fakes/native-calls.ts'

export const LOOPBACK = '127.0.0.1' as Ipv4

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** The real server on a free port of the loopback, and all it said. */
export type Rig = {
  readonly port: number
  readonly transfers: readonly TransferReport[]
  readonly counted: readonly string[]
  /** Resolves once `count` transfers have ended. */
  ended(count: number): Promise<readonly TransferReport[]>
  close(): Promise<void>
}

/** Starts it; `config` and `options` over the defaults. */
export async function startRig(
  open: OpenFile,
  config: Partial<ServerConfig['tftp']> = {},
  options: Partial<TftpOptions> = {},
): Promise<Rig> {
  const transfers: TransferReport[] = []
  const counted: string[] = []
  const waiting: { readonly count: number; readonly resolve: () => void }[] = []
  const server = await startTftp({
    config: { ...ServerConfig.parse({}).tftp, port: 0, ...config },
    address: LOOPBACK,
    open,
    onTransfer: report => {
      transfers.push(report)
      for (const wait of waiting) if (transfers.length >= wait.count) wait.resolve()
    },
    count: (_, reason) => counted.push(reason),
    libc: testedLibc(),
    log: SILENT,
    now: Date.now,
    ...options,
  })
  return {
    port: server.port,
    transfers,
    counted,
    ended: async count => {
      if (transfers.length < count) await new Promise<void>(resolve => waiting.push({ count, resolve }))
      return transfers
    },
    close: () => server.close(),
  }
}

/** Files in memory, by path. */
export function memoryFiles(files: Readonly<Record<string, Uint8Array>>): OpenFile {
  return async ({ path }) => {
    const bytes = files[path.join('/')]
    return bytes && bytesFile(bytes)
  }
}

/** One datagram as it came. */
export type Received = { readonly text: string; readonly port: number; readonly address: string }

/** A client that sends and receives octets and knows no protocol. */
export class RawClient {
  readonly #socket: Socket
  readonly #server: string
  readonly #inbox: Received[] = []
  #wake: () => void = () => {}

  constructor(socket: Socket, server: string) {
    this.#socket = socket
    this.#server = server
    socket.on('message', (bytes, { port, address }) => {
      this.#inbox.push({ text: bytes.toString('latin1'), port, address })
      this.#wake()
    })
  }

  /** A client of `server` with an address of its own. */
  static async open(server: string = LOOPBACK, address: string = LOOPBACK): Promise<RawClient> {
    const socket = createSocket('udp4')
    socket.bind(0, address)
    await once(socket, 'listening')
    return new RawClient(socket, server)
  }

  send(text: string, port: number): void {
    this.#socket.send(Buffer.from(text, 'latin1'), port, this.#server)
  }

  /** Datagrams that came and were not taken. */
  get waiting(): number {
    return this.#inbox.length
  }

  /** All that came and was not taken. */
  takeAll(): readonly string[] {
    return this.#inbox.splice(0).map(({ text }) => text)
  }

  /** The next datagram. */
  async next(): Promise<Received> {
    for (let first = this.#inbox.shift(); ; first = this.#inbox.shift()) {
      if (first !== undefined) return first
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  close(): void {
    this.#socket.close()
  }
}
