import type { ServerConfig } from '../../../config/server.ts'
import type { Ipv4 } from '../../../config/values/ipv4.ts'
import type { Log, Now } from '../../../protocol/log.ts'
import type { BlockReader, TftpFile } from '../blocks.ts'
import { netasciiBlocks, octetBlocks } from '../blocks.ts'
import type { TftpPath } from '../filename.ts'
import type { Terms } from '../options.ts'
import { negotiate } from '../options.ts'
import type { ReadRequest } from '../packet.ts'
import type { TransferOutcome } from '../transfer.ts'
import type { Peer } from './runner.ts'
import { TransferRunner } from './runner.ts'
import { openUdp } from './udp.ts'

/** Finds the content behind a path, for this client; undefined when there is none. */
export type OpenFile = (request: {
  readonly path: TftpPath
  readonly client: Ipv4
}) => Promise<TftpFile | undefined>

/** One finished transfer. `reason` is missing for a plain success. */
export type TransferReport = {
  readonly client: Ipv4
  readonly path: string
  readonly sizeBytes: number
  readonly durationMs: number
  readonly outcome: TransferOutcome
  readonly reason?: string
}

/** What every session of one server shares. */
export type SessionContext = {
  readonly config: ServerConfig['tftp']
  readonly address: Ipv4
  readonly open: OpenFile
  readonly onTransfer: (report: TransferReport) => void
  readonly onTrouble: (reason: string) => void
  readonly mayAnswerStranger: (address: string) => boolean
  readonly log: Log
  readonly now: Now
}

/** A block number beyond this wraps; some loaders (Pi 4 before 2025-09) stop there. */
const LAST_UNWRAPPED_BLOCK = 65_535

/** One read request on its way: from the look-up to the end of the transfer. `abort` on `stop` ends it silently. */
export class Session {
  readonly client: Ipv4
  /** The request's octets: the same again from the same port is a repetition. */
  readonly datagram: string
  readonly #context: SessionContext
  readonly #peer: Peer
  readonly #startedAtMs: number
  readonly #stop = new AbortController()
  #runner: TransferRunner | undefined

  constructor(context: SessionContext, client: Ipv4, port: number, datagram: string) {
    this.#context = context
    this.datagram = datagram
    this.client = client
    this.#peer = { address: client, port }
    this.#startedAtMs = context.now()
  }

  /** The client has to be served from the start when it asks again. */
  get isAbandoned(): boolean {
    return this.#runner?.isAbandoned ?? false
  }

  /** Somebody ended it: nothing more may be sent to the client. */
  get isStopped(): boolean {
    return this.#stop.signal.aborted
  }

  /** The client asked the same again; before the first packet went out there is nothing to repeat. */
  repeat(): void {
    this.#runner?.repeat()
  }

  /** Ends it silently, also while the file is being opened. */
  stop(reason: string): void {
    this.#stop.abort(reason)
    this.#runner?.stop(reason)
  }

  /** Serves the first of `paths` that exists; false when none does. Rejects when opening fails. */
  async serve(request: ReadRequest, paths: readonly TftpPath[]): Promise<boolean> {
    for (const path of paths) {
      const file = await this.#context.open({ path, client: this.client })
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
    const { outcome, reason } = await this.#run(terms, blockReader(request, file, terms))
    this.#context.onTransfer({
      client: this.client,
      path,
      sizeBytes: file.sizeBytes,
      durationMs: this.#context.now() - this.#startedAtMs,
      outcome,
      ...(reason === undefined ? {} : { reason }),
    })
  }

  #agree(request: ReadRequest, path: string, file: TftpFile): Terms {
    const { maxBlockSize, maxWindowSize } = this.#context.config
    const limits = { maxBlockSizeBytes: maxBlockSize, maxWindowSize }
    const terms = negotiate(request.options, limits, request.mode === 'octet' ? file.sizeBytes : undefined)
    if (file.sizeBytes / terms.blockSizeBytes >= LAST_UNWRAPPED_BLOCK)
      this.#context.log.info(
        { client: this.client, path },
        'TFTP block numbers will wrap: old ROMs stop there',
      )
    return terms
  }

  async #run(
    terms: Terms,
    readBlock: BlockReader,
  ): Promise<{ readonly outcome: TransferOutcome; readonly reason: string | undefined }> {
    const { address, now, mayAnswerStranger, onTrouble } = this.#context
    const socket = await openUdp(address, 0)
    return new Promise(resolve => {
      const runner = new TransferRunner({
        socket,
        peer: this.#peer,
        terms,
        readBlock,
        now,
        mayAnswerStranger,
        onTrouble,
        onEnd: (outcome, reason) => resolve({ outcome, reason }),
      })
      this.#runner = runner
      if (this.isStopped) runner.stop(String(this.#stop.signal.reason))
    })
  }
}

function blockReader(request: ReadRequest, file: TftpFile, terms: Terms): BlockReader {
  return request.mode === 'octet'
    ? octetBlocks(file, terms.blockSizeBytes)
    : netasciiBlocks(file, terms.blockSizeBytes, terms.windowSize)
}
