import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { NodeId } from '../../../../config/values/node-id.ts'
import type { AgentMessage, ServerMessage } from '../../../../protocol/link.ts'
import type { Count, Log } from '../../../../protocol/log.ts'
import { sendTogether } from '../../../../streams/io/sent-together.ts'
import type { Connection, LinkHandlers } from '../../connection.ts'
import type { Peer } from '../../identity/peer.ts'
import { decodeHello, decodeMessage } from '../decode.ts'

/** A connection that has not said hello after this long is closed. */
const HELLO_TIMEOUT_MS = 10_000
/** Time between two pings; a healthy node also reports, so this only matters when reports are slow. */
const PING_MS = 5000
/** Messages of one agent that are not dealt with before its socket is paused. */
const QUEUE_MAX = 256
/**
 * What waits for the store without holding up what comes after it, so that the store brings many to the disk at once:
 * starts and ends of processes, which the ledger takes in any order.
 */
const IN_ANY_ORDER: ReadonlySet<AgentMessage['type']> = new Set(['process-started', 'process-ended'])
/** RFC 6455 §7.4.1: normal end, and a message that breaks the rules. */
const CLOSE = { normal: 1000, policy: 1008 } as const
/** RFC 6455 §5.5: a control frame's payload ends at 125 octets, two of them the code. */
const CLOSE_REASON_MAX_BYTES = 123

/** What a session needs: who TLS says it is, where its messages go. */
export type SessionOptions = {
  readonly peer: Peer
  /** What the WebSocket writes to. */
  readonly stream: Duplex
  readonly remote: string
  readonly handlers: LinkHandlers
  /** Called once the hello is accepted. */
  onAdmitted(): void
  readonly log: Log
  readonly count: Count
}

/**
 * Runs one agent's connection: hello first, then one message after the other. Anything malformed is counted, logged,
 * answered with `refused` and ends the connection; the agent comes back and tells again what matters.
 */
export function runSession(socket: WebSocket, options: SessionOptions): void {
  const { handlers, log, count, remote, peer } = options
  let nodeId: NodeId | undefined
  let waiting = 0
  let queue = Promise.resolve()
  const connection: Connection = {
    send(message) {
      sendTogether(options.stream)
      send(socket, message)
    },
    close: reason => close(socket, CLOSE.normal, reason),
  }
  const helloTimer = setTimeout(() => reject('no hello in time'), HELLO_TIMEOUT_MS)
  const pingTimer = setInterval(() => socket.ping(), PING_MS)

  function reject(reason: string): void {
    count('link', 'malformed')
    log.warn({ remote, node: nodeId, reason }, `an agent's message was refused: ${reason}`)
    send(socket, { type: 'refused', code: 'GW_BAD_MESSAGE', message: reason })
    close(socket, CLOSE.policy, reason)
  }

  async function takeHello(text: string): Promise<void> {
    clearTimeout(helloTimer)
    const decoded = decodeHello(text)
    if (decoded.kind === 'malformed') return reject(decoded.reason)
    const admission = await handlers.admit(decoded.hello, peer)
    if (admission.kind === 'refused') {
      send(socket, admission.refused)
      return close(socket, CLOSE.policy, admission.refused.message)
    }
    if (socket.readyState !== socket.OPEN) return // it went away while the join was written
    nodeId = admission.nodeId
    options.onAdmitted()
    handlers.attach(nodeId, connection)
    for (const message of [admission.welcome, ...admission.after]) send(socket, message)
  }

  /** Answers what is to be waited for before the next message, and what until this one is dealt with. */
  function takeNext(text: string): Taken {
    if (socket.readyState !== socket.OPEN) return DONE
    if (nodeId === undefined) return inTurn(takeHello(text))
    const decoded = decodeMessage(text)
    if (decoded.kind === 'malformed') {
      reject(decoded.reason)
      return DONE
    }
    const dealtWith = handlers.receive(nodeId, connection, decoded.message)
    return IN_ANY_ORDER.has(decoded.message.type) ? { next: DONE.next, dealtWith } : inTurn(dealtWith)
  }

  function failed(error: unknown): void {
    log.error({ remote, error: String(error) }, 'a link message could not be handled')
  }

  async function handle(text: string): Promise<void> {
    const { next, dealtWith } = takeNext(text)
    void dealtWith.catch(failed).finally(() => {
      waiting -= 1
      if (socket.isPaused && waiting < QUEUE_MAX) socket.resume()
    })
    await next.catch(() => undefined)
  }

  socket.on('message', (data, isBinary) => {
    if (isBinary) return reject('binary messages are not part of the protocol')
    const text = data.toString()
    waiting += 1
    if (waiting >= QUEUE_MAX) socket.pause()
    queue = queue.then(() => handle(text)).catch(failed)
  })
  socket.on('pong', () => nodeId !== undefined && handlers.heard(nodeId, connection))
  socket.on('error', error => {
    // ws closes the connection itself: a message over the limit, broken framing, a reset.
    count('link', 'broken connection')
    log.warn({ remote, node: nodeId, error: String(error) }, `an agent's connection broke: ${error.message}`)
  })
  socket.on('close', () => {
    clearTimeout(helloTimer)
    clearInterval(pingTimer)
    if (nodeId !== undefined) handlers.detach(nodeId, connection)
  })
}

type Taken = { readonly next: Promise<unknown>; readonly dealtWith: Promise<unknown> }

const DONE = inTurn(Promise.resolve())

function inTurn(work: Promise<unknown>): Taken {
  return { next: work, dealtWith: work }
}

function send(socket: WebSocket, message: ServerMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message))
}

/** Ends the connection with a reason cut to what a close frame holds, on an ASCII boundary. */
function close(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, reason.replace(/[^\x20-\x7e]+/g, ' ').slice(0, CLOSE_REASON_MAX_BYTES))
}
