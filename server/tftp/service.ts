import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Count, Now } from '../../protocol/log.ts'
import type { Libc } from '../io/native/libc.ts'
import { RateLimit } from '../rate-limit.ts'
import type { Classified } from './classify.ts'
import { classify } from './classify.ts'
import { encodeError } from './encode.ts'
import type { Batching } from './io/batched-datagrams.ts'
import { openDatagrams } from './io/batched-datagrams.ts'
import type { Datagrams } from './io/datagrams.ts'
import { Linger } from './io/linger.ts'
import { readLinkMtu } from './io/link-mtu.ts'
import type { SessionContext } from './io/session.ts'
import { Sessions } from './io/sessions.ts'
import { TransferPort } from './io/transfer-port.ts'
import { openTransferPorts, TransferPorts } from './io/transfer-ports.ts'
import type { Peer } from './io/udp.ts'
import { openUdp } from './io/udp.ts'
import { maxBlockSizeBytes } from './options.ts'
import type { TftpErrorCode } from './packet.ts'
import { OPCODE } from './packet.ts'
import { PacketCache } from './packet-cache.ts'

/** ERRORs a second we send to one address about things nobody in good faith does (writes, malformed, foreign port). */
const COMPLAINTS_PER_SECOND = 5
/** Memory that packets of files and loaders may take; the loaders together are a few MiB. */
const CACHE_BYTES = 64 << 20

/** What `startTftp` needs. */
export type TftpOptions = Pick<SessionContext, 'config' | 'open' | 'onTransfer' | 'log'> & {
  /** The server's own address on the nodes' network. */
  readonly address: Ipv4
  /** The NIC that has it: its MTU bounds the block size. Without it, `config.maxBlockSize` alone does. */
  readonly interface?: string
  readonly count: Count
  /** Whether this address is one of the networks we serve; without it, everybody is. */
  readonly accepts?: (client: Ipv4) => boolean
  /** For the calls that send and receive in batches; without it, one datagram at a time by Node. */
  readonly libc?: Libc | undefined
  /** Wall clock in ms. */
  readonly now: Now
  /** Clock in ms that nobody sets back; without it, the system's. */
  readonly clock?: Now
}

/** A running TFTP read server. `close` ends every transfer and resolves when all files and sockets are closed. */
export type TftpServer = { readonly port: number; close(): Promise<void> }

/**
 * Serves reads (RFC 1350, 2347, 2348, 2349, 7440) on `address` and the configured port; transfers go over a few other
 * ports of the same address or, with `singlePort`, over the same one. Rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED or
 * GW_NO_INTERFACE.
 */
export async function startTftp(options: TftpOptions): Promise<TftpServer> {
  const mtuBytes = options.interface === undefined ? undefined : await readLinkMtu(options.interface)
  const socket = await openUdp(options.address, options.config.port)
  const onTrouble = (reason: string) => options.count('tftp', reason)
  // Requests come one by one, each looked at before the next; only transfers gain from more at once.
  const batching = options.libc && { libc: options.libc, linger: new Linger(options.libc) }
  const listener = openDatagrams(socket, options.config.singlePort ? batching : undefined, onTrouble)
  try {
    const service = new TftpService(options, { mtuBytes, listener, batching })
    await service.open()
    return service
  } catch (error) {
    await listener.close()
    throw error
  }
}

/** What is opened before the service. */
type Opened = {
  readonly mtuBytes: number | undefined
  readonly listener: Datagrams
  readonly batching: Required<Batching> | undefined
}

class TftpService implements TftpServer {
  readonly port: number
  readonly #options: TftpOptions
  readonly #context: SessionContext
  readonly #listener: Datagrams
  readonly #batching: Required<Batching> | undefined
  readonly #complaints = new RateLimit(COMPLAINTS_PER_SECOND)
  /** The listener as a transfer port, in single-port mode. */
  readonly #single: TransferPort | undefined
  #ports = new TransferPorts([])
  #sessions: Sessions | undefined
  #closed: Promise<void> | undefined

  constructor(options: TftpOptions, { mtuBytes, listener, batching }: Opened) {
    this.#options = options
    this.#listener = listener
    this.#batching = batching
    this.port = listener.port
    this.#context = {
      ...options,
      clock: options.clock ?? (() => performance.now()),
      maxBlockSizeBytes: maxBlockSizeBytes(options.config.maxBlockSize, mtuBytes),
      cache: new PacketCache(CACHE_BYTES),
      onTrouble: reason => this.#count(reason),
      linger: batching?.linger,
    }
    this.#single = options.config.singlePort ? new TransferPort(listener, this.#portOptions()) : undefined
  }

  /** Opens the transfer ports and begins to answer. */
  async open(): Promise<void> {
    const { address, config } = this.#options
    this.#ports = this.#single
      ? new TransferPorts([this.#single])
      : await openTransferPorts(address, config.portRange, this.#portOptions(), this.#batching)
    this.#sessions = new Sessions(this.#context, this.#ports, {
      count: reason => this.#count(reason),
      refuse: (to, code, reason) => this.#refuse(to, code, reason),
    })
    this.#listener.listen((bytes, from) => this.#onDatagram(bytes, from))
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown()
    return this.#closed
  }

  async #shutDown(): Promise<void> {
    const deaf = this.#single ? undefined : this.#listener.close()
    await this.#sessions?.close('server stopped')
    await Promise.all([deaf, this.#ports.close()])
  }

  #portOptions() {
    const { onTrouble, clock } = this.#context
    const mayAnswerStranger = (address: string) => this.#complaints.allows(address, this.#options.now())
    return { clock, onTrouble, mayAnswerStranger }
  }

  #onDatagram(bytes: Uint8Array, from: Peer): void {
    if (this.#single && this.#isClient(from) && isAnswer(bytes)) {
      this.#single.onDatagram(bytes, from)
      return
    }
    const asked: Classified = this.#isClient(from)
      ? classify(bytes, this.#options.config.stripPrefixes)
      : { kind: 'dropped', reason: 'sender we do not serve' }
    switch (asked.kind) {
      case 'dropped':
        this.#count(`dropped: ${asked.reason}`)
        break
      case 'refused':
        this.#complain(from, asked.code, asked.reason)
        break
      case 'read':
        this.#sessions?.onRead(asked, Buffer.from(bytes).toString('latin1'), from)
        break
    }
  }

  #isClient(from: Peer): boolean {
    const isOurselves = from.address === this.#options.address && from.port === this.port
    return from.port !== 0 && !isOurselves && (this.#options.accepts?.(from.address as Ipv4) ?? true)
  }

  #complain(to: Peer, code: TftpErrorCode, reason: string): void {
    if (this.#complaints.allows(to.address, this.#options.now())) this.#refuse(to, code, reason)
    else this.#count('dropped: too many complaints')
  }

  #refuse(to: Peer, code: TftpErrorCode, reason: string): void {
    this.#count(`refused: ${reason}`)
    this.#options.log.debug({ client: to.address, reason }, 'TFTP request refused')
    // From a port of our own, not the well-known one, as RFC 1350 §4 wants it.
    this.#ports.portFor(to).send(encodeError(code, reason), to)
  }

  #count(reason: string): void {
    this.#options.count('tftp', reason)
  }
}

/** ACK or ERROR, which in single-port mode belong to a transfer; anything else that is no request is nobody's. */
function isAnswer(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && (bytes[1] === OPCODE.ack || bytes[1] === OPCODE.error)
}
