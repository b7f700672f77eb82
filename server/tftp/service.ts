import type { RemoteInfo, Socket } from 'node:dgram'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Count } from '../../protocol/log.ts'
import { RateLimit } from '../rate-limit.ts'
import { admit } from './admission.ts'
import type { Classified } from './classify.ts'
import { classify } from './classify.ts'
import { encodeError } from './encode.ts'
import type { SessionContext } from './io/session.ts'
import { Session } from './io/session.ts'
import { openUdp } from './io/udp.ts'
import type { TftpErrorCode } from './packet.ts'
import { ERROR_CODE } from './packet.ts'

/** ERRORs a second we send to one address about things nobody in good faith does (writes, malformed, foreign port). */
const COMPLAINTS_PER_SECOND = 5

/** What `startTftp` needs; `address` is the server's own on the nodes' network, `now` a wall clock in ms. */
export type TftpOptions = Omit<SessionContext, 'onTrouble' | 'mayAnswerStranger'> & {
  readonly count: Count
  /** Whether this address is one of the networks we serve; without it, everybody is. */
  readonly accepts?: (client: Ipv4) => boolean
}

type AskedRead = Extract<Classified, { readonly kind: 'read' }>

/** A running TFTP read server. `close` ends every transfer and resolves when all files and sockets are closed. */
export type TftpServer = { readonly port: number; close(): Promise<void> }

/**
 * Serves reads (RFC 1350, 2347, 2348, 2349, 7440) on `address` and the configured port; each transfer gets a socket of
 * its own on the same address. Rejects with GW_PORT_IN_USE, GW_NOT_PERMITTED or GW_NO_INTERFACE.
 */
export async function startTftp(options: TftpOptions): Promise<TftpServer> {
  const listener = await openUdp(options.address, options.config.port)
  const complainer = await openUdp(options.address, 0).catch((error: unknown) => {
    listener.close()
    throw error
  })
  return new TftpService(options, listener, complainer)
}

class TftpService implements TftpServer {
  readonly port: number
  readonly #options: TftpOptions
  readonly #context: SessionContext
  readonly #listener: Socket
  /** Sends the ERRORs of requests that became no transfer, from a port of its own as RFC 1350 §4 wants. */
  readonly #complainer: Socket
  readonly #complaints = new RateLimit(COMPLAINTS_PER_SECOND)
  /** The session in charge of each client address and port. */
  readonly #sessions = new Map<string, Session>()
  /** Every session not yet finished, also those no longer in charge. */
  readonly #running = new Map<Session, Promise<void>>()
  #closed: Promise<void> | undefined

  constructor(options: TftpOptions, listener: Socket, complainer: Socket) {
    this.#options = options
    this.#listener = listener
    this.#complainer = complainer
    this.port = listener.address().port
    this.#context = {
      ...options,
      onTrouble: reason => this.#count(reason),
      mayAnswerStranger: address => this.#complaints.allows(address, options.now()),
    }
    listener.on('message', (bytes, from) => this.#onDatagram(bytes, from))
    for (const socket of [listener, complainer])
      socket.on('error', error => options.log.error({ error: error.message }, 'TFTP socket error'))
  }

  close(): Promise<void> {
    this.#closed ??= this.#shutDown()
    return this.#closed
  }

  async #shutDown(): Promise<void> {
    this.#listener.close()
    for (const session of this.#running.keys()) session.stop('server stopped')
    await Promise.all(this.#running.values())
    this.#complainer.close()
  }

  #onDatagram(bytes: Uint8Array, from: RemoteInfo): void {
    const asked: Classified = this.#isClient(from)
      ? classify(bytes)
      : { kind: 'dropped', reason: 'sender we do not serve' }
    switch (asked.kind) {
      case 'dropped':
        this.#count(`dropped: ${asked.reason}`)
        break
      case 'refused':
        this.#complain(from, asked.code, asked.reason)
        break
      case 'read':
        this.#onRead(asked, Buffer.from(bytes).toString('latin1'), from)
        break
    }
  }

  #isClient(from: RemoteInfo): boolean {
    const isOurselves = from.address === this.#options.address && from.port === this.port
    return from.port !== 0 && !isOurselves && (this.#options.accepts?.(from.address as Ipv4) ?? true)
  }

  /** One session per address and port (RFC 1350 §4): the same request is a repetition, another one replaces it. */
  #onRead(asked: AskedRead, datagram: string, from: RemoteInfo): void {
    const current = this.#sessions.get(`${from.address}:${from.port}`)
    if (current?.datagram === datagram && !current.isAbandoned) {
      current.repeat()
      return
    }
    current?.stop('client began anew from the same port')
    const client = from.address as Ipv4
    const clients = Array.from(this.#running.keys(), session => session.client)
    const admission = admit(clients, client, this.#options.config)
    if (admission.kind === 'admitted')
      this.#start(asked, from, new Session(this.#context, client, from.port, datagram))
    else this.#count(`dropped: ${admission.reason}`)
  }

  #start(asked: AskedRead, from: RemoteInfo, session: Session): void {
    const key = `${from.address}:${from.port}`
    this.#sessions.set(key, session)
    const done = this.#serve(asked, from, session).finally(() => {
      this.#running.delete(session)
      if (this.#sessions.get(key) === session) this.#sessions.delete(key)
    })
    this.#running.set(session, done)
  }

  async #serve({ request, paths }: AskedRead, from: RemoteInfo, session: Session): Promise<void> {
    try {
      const found = await session.serve(request, paths)
      // Not rate-limited: GRUB and pxelinux ask for a dozen names that may be missing before one that is there.
      if (!found && !session.isStopped) this.#refuse(from, ERROR_CODE.notFound, 'file not found')
    } catch (error) {
      this.#options.log.error(
        { client: from.address, path: paths[0]?.join('/'), error: String(error) },
        'TFTP open failed',
      )
      if (!session.isStopped) this.#refuse(from, ERROR_CODE.undefined, 'internal error')
    }
  }

  #complain(to: RemoteInfo, code: TftpErrorCode, reason: string): void {
    if (this.#complaints.allows(to.address, this.#options.now())) this.#refuse(to, code, reason)
    else this.#count('dropped: too many complaints')
  }

  #refuse(to: RemoteInfo, code: TftpErrorCode, reason: string): void {
    this.#count(`refused: ${reason}`)
    this.#options.log.debug({ client: to.address, reason }, 'TFTP request refused')
    this.#complainer.send(encodeError(code, reason), to.port, to.address, error => {
      if (error) this.#count('send failed')
    })
  }

  #count(reason: string): void {
    this.#options.count('tftp', reason)
  }
}
