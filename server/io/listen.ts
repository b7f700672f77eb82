import { GodwitError } from '../../protocol/errors.ts'

/**
 * Runs `listen` and turns the system's error into one sentence with a next step: GW_PORT_IN_USE, GW_NOT_PERMITTED or
 * GW_NO_INTERFACE; anything else is thrown as it is.
 */
export async function listenOrExplain<T>(
  listen: () => Promise<T>,
  port: number,
  protocol: 'tcp' | 'udp',
): Promise<T> {
  try {
    return await listen()
  } catch (error) {
    throw explainListenError(error, port, protocol)
  }
}

/** The typed error for a failed bind, or `error` itself when it is none of the known ones. */
function explainListenError(error: unknown, port: number, protocol: 'tcp' | 'udp'): unknown {
  const code = (error as NodeJS.ErrnoException).code
  const find = `ss -${protocol === 'tcp' ? 't' : 'u'}lpn 'sport = :${port}'`
  if (code === 'EADDRINUSE') {
    const message = `${protocol} port ${port} is in use by another program; see it with: ${find}`
    return new GodwitError('GW_PORT_IN_USE', message, { cause: error })
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `this user may not open ${protocol} port ${port}; run as root or grant CAP_NET_BIND_SERVICE`
    return new GodwitError('GW_NOT_PERMITTED', message, { cause: error })
  }
  if (code === 'EADDRNOTAVAIL') {
    const { address } = error as { address?: string }
    const message = `this host does not have the address ${address ?? ''} that network.address names`
    return new GodwitError('GW_NO_INTERFACE', message, { cause: error })
  }
  return error
}
