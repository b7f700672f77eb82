import { createConnection } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const RETRY_MS = 50

/** What was waited for: something that listens, or something that listens and speaks first (QMP does). */
export type SocketSign = 'listening' | 'greeting'

/**
 * Waits until the unix socket `path` shows `sign`. False when `timeoutMs` passed or `signal` was aborted (its
 * owner ended) before that.
 */
export async function waitForSocket(
  path: string,
  sign: SocketSign,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (performance.now() < deadline && !signal.aborted) {
    if (await knock(path, sign, deadline - performance.now(), signal)) return true
    await delay(RETRY_MS)
  }
  return false
}

function knock(path: string, sign: SocketSign, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection(path)
    const finish = (answer: boolean) => () => {
      signal.removeEventListener('abort', refused)
      socket.destroy()
      resolve(answer)
    }
    const refused = finish(false)
    signal.addEventListener('abort', refused)
    socket.setTimeout(timeoutMs, refused)
    socket.once('error', refused)
    socket.once('close', refused)
    socket.once(sign === 'listening' ? 'connect' : 'data', finish(true))
  })
}
