/** Why a request is refused before anything is done for it; `reason` counts it and is told to the client. */
export type Refusal = {
  readonly status: number
  readonly reason: string
  readonly headers: Readonly<Record<string, string>>
}

const READING = ['GET', 'HEAD']

/**
 * Boot HTTP only hands out: whatever wants to hand in is refused, and its connection ended, so that no octet of a body
 * is read. `undefined` for a request that may go on.
 */
export function refusalOf(
  method: string,
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Refusal | undefined {
  if (!READING.includes(method))
    return { status: 405, reason: 'method not allowed', headers: { allow: READING.join(', ') } }
  const length = headers['content-length']
  const hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && Number(length) !== 0)
  return hasBody ? { status: 413, reason: 'request with a body', headers: {} } : undefined
}
