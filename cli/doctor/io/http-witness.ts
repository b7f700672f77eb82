import type { Fetched, RangeAnswer } from '../contents.ts'

const TIMEOUT_MS = 5000

/** Fetches `url` whole with Node's own HTTP client. */
export async function fetchByHttp(url: string): Promise<Fetched> {
  const startedMs = performance.now()
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (response.status !== 200) return { kind: 'failed', reason: `${url}: status ${response.status}` }
    return { kind: 'bytes', bytes, ms: performance.now() - startedMs }
  } catch (error) {
    return { kind: 'failed', reason: `${url}: ${reasonOf(error)}` }
  }
}

/** Asks for `length` bytes from `start` on. A server that ignores the range is not let send the whole file. */
export async function fetchRange(
  url: string,
  start: number,
  length: number,
): Promise<RangeAnswer | { readonly failed: string }> {
  const stop = new AbortController()
  try {
    const headers = { Range: `bytes=${start}-${start + length - 1}` }
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(TIMEOUT_MS)])
    const response = await fetch(url, { headers, signal })
    const contentRange = response.headers.get('content-range') ?? undefined
    const { status } = response
    if (status !== 206) return { status, contentRange, bytes: new Uint8Array() }
    return { status, contentRange, bytes: new Uint8Array(await response.arrayBuffer()) }
  } catch (error) {
    return { failed: `${url}: ${reasonOf(error)}` }
  } finally {
    stop.abort()
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } }
  return cause?.code ?? cause?.message ?? message
}
