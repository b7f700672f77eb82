import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import { type AgentMessage, LINK_MAX_MESSAGE_BYTES, LINK_PATH, ServerMessage } from '../../protocol/link.ts'
import { sendTogether } from '../../streams/io/sent-together.ts'

/** Silence after which a connection counts as dead; three pings go out in this time. */
const SILENCE_MS = 15_000
const HANDSHAKE_TIMEOUT_MS = 10_000

/** Whom to connect to, whom to believe, and with which certificate to be known. */
export type Peer = {
  readonly address: string
  readonly port: number
  readonly caPem: string
  readonly keyPem: string
  /** Without one, the greeting's token speaks for us. */
  readonly certificatePem: string | undefined
}

/** What a connection tells. `onClosed` is called exactly once, and last. */
export type Listener = {
  onOpen(): void
  onMessage(message: ServerMessage): void
  /** Something that is no message of ours; the connection goes on. */
  onGarbage(reason: string): void
  onClosed(error: Error | undefined): void
}

/** One WebSocket to the server. */
export type Connection = { send(message: AgentMessage): void; close(): void; terminate(): void }

/** Opens a connection; everything that happens, failure included, is told to `listener`. */
export function openConnection(peer: Peer, listener: Listener): Connection {
  const { certificatePem, keyPem } = peer
  const socket = new WebSocket(`wss://${peer.address}:${peer.port}${LINK_PATH}`, {
    ca: peer.caPem,
    ...(certificatePem === undefined ? {} : { cert: certificatePem, key: keyPem }),
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: LINK_MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
  })
  const silence = watchSilence(socket)
  let failure: Error | undefined
  let stream: Duplex | undefined
  socket.on('upgrade', response => {
    stream = response.socket
  })
  socket.on('open', () => listener.onOpen())
  socket.on('message', data => {
    silence.heard()
    const read = readMessage(data.toString())
    if (read.kind === 'message') listener.onMessage(read.message)
    else listener.onGarbage(read.reason)
  })
  socket.on('error', error => {
    failure = error
  })
  socket.on('close', () => {
    silence.stop()
    listener.onClosed(failure)
  })
  return {
    send(message) {
      if (socket.readyState !== WebSocket.OPEN) return
      if (stream !== undefined) sendTogether(stream)
      socket.send(JSON.stringify(message))
    },
    close: () => socket.close(),
    terminate: () => socket.terminate(),
  }
}

type Read =
  | { readonly kind: 'message'; readonly message: ServerMessage }
  | { readonly kind: 'garbage'; readonly reason: string }

function readMessage(text: string): Read {
  try {
    return { kind: 'message', message: ServerMessage.parse(JSON.parse(text)) }
  } catch (error) {
    return { kind: 'garbage', reason: (error as Error).message.slice(0, 500) }
  }
}

/** Pings, and ends the connection after `SILENCE_MS` without a sound: a server that lost power sends no FIN. */
function watchSilence(socket: WebSocket): { heard(): void; stop(): void } {
  let turnsLeft = 3
  const timer = setInterval(() => {
    turnsLeft -= 1
    if (turnsLeft < 0) socket.terminate()
    else if (socket.readyState === WebSocket.OPEN) socket.ping()
  }, SILENCE_MS / 3)
  const heard = (): void => {
    turnsLeft = 3
  }
  socket.on('ping', heard).on('pong', heard)
  return { heard, stop: () => clearInterval(timer) }
}
