import type { Socket } from 'node:net'
import type { WebSocket } from 'ws'
import type { Strangers } from '../strangers.ts'

/** Octets a connection may send before it is admitted: some hellos. ws alone would keep a whole message's worth. */
const STRANGER_MAX_BYTES = 16 * 1024

/**
 * Bounds what a connection costs before its hello is accepted: ends it when its address holds too many such already,
 * or when it sends more than a hello. Returns what lifts the bounds, or `undefined` when the connection was ended;
 * `onRefused` gets the reason.
 */
export function guardStranger(
  socket: WebSocket,
  stream: Socket,
  strangers: Strangers,
  onRefused: (reason: string) => void,
): (() => void) | undefined {
  const address = stream.remoteAddress ?? ''
  const end = (reason: string): void => {
    onRefused(reason)
    socket.terminate()
  }
  if (!strangers.enter(address)) {
    end('too many connections before a hello')
    return undefined
  }
  let receivedBytes = 0
  const onData = (bytes: Uint8Array): void => {
    receivedBytes += bytes.length
    if (receivedBytes <= STRANGER_MAX_BYTES) return
    release()
    end('too much before a hello')
  }
  let isReleased = false
  const release = (): void => {
    if (isReleased) return
    isReleased = true
    stream.off('data', onData)
    strangers.leave(address)
  }
  stream.on('data', onData)
  socket.once('close', release)
  return release
}
