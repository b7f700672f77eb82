import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { Admission } from '../admission.ts'
import type { Classified } from '../classify.ts'
import type { TftpErrorCode } from '../packet.ts'
import { ERROR_CODE } from '../packet.ts'
import type { SessionContext } from './session.ts'
import { Session } from './session.ts'
import { Ticker } from './ticker.ts'
import type { TransferPorts } from './transfer-ports.ts'
import type { Peer } from './udp.ts'

/** A well-formed read request and where to look for what it names. */
export type AskedRead = Extract<Classified, { readonly kind: 'read' }>

/** How sessions speak of requests that became none. */
export type SessionsOptions = {
  readonly count: (reason: string) => void
  readonly refuse: (to: Peer, code: TftpErrorCode, reason: string) => void
}

/** All transfers of one server: who may begin one, which of them a repeated request means, and their common clock. */
export class Sessions {
  readonly #context: SessionContext
  readonly #ports: TransferPorts
  readonly #options: SessionsOptions
  readonly #admission: Admission
  /** The session in charge of each client address and port. */
  readonly #inCharge = new Map<string, Session>()
  /** Every session not yet finished, oldest first, also those no longer in charge. */
  readonly #running = new Map<Session, Promise<void>>()
  readonly #ticker = new Ticker(() => this.#tick())
  #isClosed = false

  constructor(context: SessionContext, ports: TransferPorts, options: SessionsOptions) {
    this.#context = context
    this.#ports = ports
    this.#options = options
    this.#admission = new Admission(context.config)
  }

  /** Ends all and resolves when their files are closed. */
  async close(reason: string): Promise<void> {
    this.#isClosed = true
    for (const session of this.#running.keys()) session.stop(reason)
    await Promise.all(this.#running.values())
    this.#rest()
  }

  /** One session per address and port (RFC 1350 §4): the same request is a repetition, another one replaces it. */
  onRead(asked: AskedRead, datagram: string, from: Peer): void {
    // In single-port mode the socket still hears while the last files are being closed.
    if (this.#isClosed) return
    const key = `${from.address}:${from.port}`
    const current = this.#inCharge.get(key)
    if (current?.asker.datagram === datagram && !current.isAbandoned) {
      current.repeat()
      return
    }
    current?.stop('client began anew from the same port')
    const refusal = this.#refusalOf(from.address as Ipv4)
    if (refusal === undefined) this.#start(key, asked, datagram, from)
    else this.#options.count(`dropped: ${refusal}`)
  }

  #refusalOf(client: Ipv4): string | undefined {
    if (!this.#admission.allowsRequest(client, this.#context.clock())) return 'too many requests'
    const decision = this.#admission.decide(client)
    if (decision.kind === 'admitted') return undefined
    const idle = this.#oldestUnheard(decision.of === 'client' ? client : undefined)
    if (idle === undefined) return decision.reason
    // Forged senders never answer, and a ROM that only wanted the size goes away in silence: neither keeps others out.
    idle.stop('made room for another')
    return undefined
  }

  #oldestUnheard(client: Ipv4 | undefined): Session | undefined {
    for (const session of this.#running.keys()) {
      const isCandidate = !session.isHeard && !session.isStopped
      if (isCandidate && (client === undefined || session.asker.client === client)) return session
    }
    return undefined
  }

  #start(key: string, asked: AskedRead, datagram: string, from: Peer): void {
    const client = from.address as Ipv4
    const peer = { address: from.address, port: from.port }
    const session = new Session(this.#context, { client, peer, datagram }, this.#ports.portFor(peer))
    this.#inCharge.set(key, session)
    this.#admission.enter(client)
    this.#ticker.start()
    this.#context.linger?.begin()
    this.#context.linger?.needTurn()
    const done = this.#serve(asked, peer, session).finally(() => {
      this.#running.delete(session)
      this.#admission.leave(client)
      if (this.#inCharge.get(key) !== session) return
      this.#inCharge.delete(key)
      if (session.isAskedAnew) this.onRead(asked, datagram, peer)
    })
    this.#running.set(session, done)
  }

  async #serve({ request, paths }: AskedRead, peer: Peer, session: Session): Promise<void> {
    try {
      const found = await session.serve(request, paths)
      // Not limited as complaints are: GRUB and pxelinux ask for a dozen names that may be missing before one is there.
      if (!found && !session.isStopped) this.#options.refuse(peer, ERROR_CODE.notFound, 'file not found')
    } catch (error) {
      const path = paths[0]?.join('/')
      this.#context.log.error({ client: peer.address, path, error: String(error) }, 'TFTP open failed')
      if (!session.isStopped) this.#options.refuse(peer, ERROR_CODE.undefined, 'internal error')
    }
  }

  #tick(): boolean {
    const nowMs = this.#context.clock()
    for (const session of this.#running.keys()) session.tick(nowMs)
    if (this.#running.size === 0) this.#rest()
    return this.#running.size > 0
  }

  #rest(): void {
    this.#ticker.stop()
    this.#context.linger?.rest()
  }
}
