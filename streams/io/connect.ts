import { connect as connectTcp } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { RunGrant } from '../../protocol/admin.ts'
import { nodeDnsName } from '../../protocol/node.ts'

/** A deputy whose agent's machine lost power gets no FIN; the kernel asks after this time. */
const KEEP_ALIVE_MS = 10_000

/** How long a way may take before it counts as none, and what ends the try before. */
export type WayOptions = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }

/**
 * A verified TLS connection to the agent that `grant` names, straight over TCP. Rejects with the system's error when
 * the node does not answer in `timeoutMs`, or with TLS's when it is another one; nothing was started then.
 */
export async function connectDirect(grant: RunGrant, options: WayOptions): Promise<TLSSocket> {
  const { address, port } = grant.node
  const socket = connectTcp({
    host: address,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  })
  return await secure(socket, grant, options)
}

/**
 * TLS over `stream`, which reaches the agent somehow (TCP, a relay). Resolves when the other side has shown a
 * certificate of `grant`'s CA for exactly that node; rejects otherwise, or after `timeoutMs`, with `stream` destroyed.
 */
export function secure(
  stream: Duplex,
  grant: RunGrant,
  { timeoutMs, signal }: WayOptions,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: stream,
      ca: grant.caPem,
      servername: nodeDnsName(grant.node.id),
      minVersion: 'TLSv1.3',
    })
    const where = `${grant.node.address}:${grant.node.port}`
    const timer = setTimeout(() => fail(new Error(`${where} did not answer in ${timeoutMs} ms`)), timeoutMs)
    const settle = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }
    const fail = (error: Error): void => {
      settle()
      stream.destroy()
      reject(error)
    }
    const giveUp = (): void => fail(signal?.reason as Error)
    signal?.addEventListener('abort', giveUp)
    if (signal?.aborted) giveUp()
    stream.once('error', fail)
    socket.once('error', fail)
    // Destroying the TLS layer alone would leave the agent waiting for a deputy that is gone.
    socket.once('close', () => {
      stream.destroy()
      fail(new Error(`${where} closed the connection before it was secure`))
    })
    socket.once('secureConnect', () => {
      settle()
      socket.off('error', fail)
      resolve(socket)
    })
  })
}
