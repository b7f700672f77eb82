import type { ServerConfig } from '../../../config/server.ts'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Log, Now } from '../../../protocol/log.ts'
import type { OpenFile, TftpFile } from '../file.ts'
import type { TftpPath } from '../filename.ts'
import { netasciiPackets } from '../netascii-packets.ts'
import type { Terms } from '../options.ts'
import { negotiate } from '../options.ts'
import type { ReadRequest } from '../packet.ts'
import type { PacketCache } from '../packet-cache.ts'
import type { PacketSource } from '../packet-source.ts'
import { octetPackets } from '../packet-source.ts'
import type { TransferOutcome } from '../transfer-state.ts'
import type { Linger } from './linger.ts'
import { TransferRunner } from './runner.ts'
import type { Receiver, TransferPort } from './transfer-port.ts'
import type { Peer } from './udp.ts'

/** One finished transfer. `reason` is missing for a plain success. */
export type TransferReport = {
  readonly client: Ipv4
  readonly path: string
  readonly sizeBytes: number
  readonly durationMs: number
  readonly outcome: TransferOutcome
  readonly reason?: string
}

/** What every session of one server shares; `clock` only ever goes forward, `now` is the wall clock, both in ms. */
export type SessionContext = {
  readonly config: ServerConfig['tftp']
  /** blksize is held below this, so that no datagram is ever fragmented. */
  readonly maxBlockSizeBytes: number
  readonly cache: PacketCache
  readonly open: OpenFile
  readonly onTransfer: (report: TransferReport) => void
  readonly onTrouble: (reason: string) => void
  /** Who waits for datagrams beside the event loop; undefined where nobody does. */
  readonly linger: Linger | undefined
  readonly log: Log
  readonly clock: Now
}

/** Who asks, on which of our ports it is answered, and with what octets: the same again is a repetition. */
export type Asker = { readonly client: Ipv4; readonly peer: Peer; readonly datagram: string }

/** A client's last ACK and its next request go to two of our sockets: either may be read first, and not in one turn. */
const TOGETHER_MS = 5
/** A block number beyond this wraps; some loaders (Pi 4 before 2025-09) stop there. */
const LAST_UNWRAPPED_BLOCK = 65_535

/** One read request on its way: from the look-up to the end of the transfer. */
export class Session implements Receiver {
  readonly asker: Asker
  readonly peer: Peer
  readonly #context: SessionContext
  readonly #port: TransferPort
  readonly #startedAtMs: number
  /** When the same request came once more while the client answered. */
  #askedAgainAtMs = Number.NEGATIVE_INFINITY
  #isAskedAnew = false
  #stopReason: string | undefined
  #runner: TransferRunner | undefined

  constructor(context: SessionContext, asker: Asker, port: TransferPort) {
    this.#context = context
    this.asker = asker
    this.peer = asker.peer
    this.#port = port
    this.#startedAtMs = context.clock()
  }

  /** The client has to be served from the start when it asks again. */
  get isAbandoned(): boolean {
    return this.isStopped || (this.#runner?.isAbandoned ?? false)
  }

  /** The client has answered. */
  get isHeard(): boolean {
    return this.#runner?.isHeard ?? false
  }

  /** The same request came together with what ended this transfer: it is for another one. */
  get isAskedAnew(): boolean {
    return this.#isAskedAnew
  }

  /** Somebody ended it: nothing more may be sent to the client. */
  get isStopped(): boolean {
    return this.#stopReason !== undefined
  }

  onDatagram(bytes: Uint8Array): void {
    this.#runner?.onDatagram(bytes)
  }

  /** Time passes. */
  tick(nowMs: number): void {
    this.#runner?.tick(nowMs)
  }

  /** The client asked the same again; before the first packet went out there is nothing to repeat. */
  repeat(): void {
    if (this.isHeard) this.#askedAgainAtMs = this.#context.clock()
    this.#runner?.repeat()
  }

  /** Ends it silently, also while the file is being opened. */
  stop(reason: string): void {
    this.#stopReason ??= reason
    this.#runner?.stop(reason)
  }

  /** Serves the first of `paths` that exists; false when none does. Rejects when opening fails. */
  async serve(request: ReadRequest, paths: readonly TftpPath[]): Promise<boolean> {
    for (const path of paths) {
      const file = await this.#context.open({ path, client: this.asker.client })
      if (file === undefined) continue
      try {
        if (!this.isStopped) await this.#transfer(request, path.join('/'), file)
      } finally {
        await file.close()
      }
      return true
    }
    return false
  }

  async #transfer(request: ReadRequest, path: string, file: TftpFile): Promise<void> {
    const terms = this.#agree(request, path, file)
    const { outcome, reason } = await this.#run(terms, this.#source(request, file, terms))
    this.#context.onTransfer({
      client: this.asker.client,
      path,
      sizeBytes: file.sizeBytes,
      durationMs: Math.round(this.#context.clock() - this.#startedAtMs),
      outcome,
      ...(reason === undefined ? {} : { reason }),
    })
  }

  #agree(request: ReadRequest, path: string, file: TftpFile): Terms {
    const { config, maxBlockSizeBytes, log } = this.#context
    const limits = { maxBlockSizeBytes, maxWindowSize: config.maxWindowSize }
    const terms = negotiate(request.options, limits, request.mode === 'octet' ? file.sizeBytes : undefined)
    const { client } = this.asker
    if (file.sizeBytes / terms.blockSizeBytes >= LAST_UNWRAPPED_BLOCK)
      log.info({ client, path }, 'TFTP block numbers will wrap: old ROMs stop there')
    return config.rolloverToOne.includes(client) ? { ...terms, rollover: 1 } : terms
  }

  #source(request: ReadRequest, file: TftpFile, terms: Terms): PacketSource {
    return request.mode === 'octet'
      ? octetPackets(file, terms, this.#context.cache)
      : netasciiPackets(file, terms, terms.windowSize)
  }

  async #run(
    terms: Terms,
    source: PacketSource,
  ): Promise<{ readonly outcome: TransferOutcome; readonly reason: string | undefined }> {
    const { clock, linger, onTrouble } = this.#context
    this.#port.attach(this)
    return new Promise(resolve => {
      this.#runner = new TransferRunner({
        terms,
        source,
        clock,
        needTurn: () => linger?.needTurn(),
        onTrouble,
        send: packet => this.#port.send(packet, this.peer),
        onEnd: (outcome, reason) => {
          this.#isAskedAnew = clock() - this.#askedAgainAtMs < TOGETHER_MS
          // At once: in single-port mode the client's next transfer has the same two ports.
          this.#port.detach(this)
          linger?.needTurn()
          resolve({ outcome, reason })
        },
      })
    })
  }
}
