import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Resolves to `true` once `response` is the first in line on its connection, to `false` when the connection ended before.
 * A client may send a thousand requests without waiting (pipelining, RFC 9112 §9.3.2), and Node calls for all of them
 * at once: each would hold a file and a piece of it, and those behind the first never hear that the client left.
 */
export function ownTurn({ socket }: IncomingMessage, response: ServerResponse): Promise<boolean> {
  if (response.socket !== null) return Promise.resolve(true)
  if (socket.destroyed) return Promise.resolve(false)
  socket.setMaxListeners(0) // one for each that waits is meant
  return new Promise(resolve => {
    const done = (isTurn: boolean) => {
      response.off('socket', onTurn)
      socket.off('close', onClose)
      resolve(isTurn)
    }
    const onTurn = () => done(true)
    const onClose = () => done(false)
    response.on('socket', onTurn)
    socket.on('close', onClose)
  })
}
