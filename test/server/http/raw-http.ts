import { connect } from 'node:net'

/** What came back for octets as they are; `endedMs` after the connection was made it was closed. */
export type RawAnswer = { readonly text: string; readonly status: number; readonly endedMs: number }

/** Sends `parts`, one every `everyMs`, and reads until the server closes; a reset is an end like any other. */
export function rawHttp(port: number, parts: readonly string[], everyMs = 0): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now()
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1')
    const rest = [...parts]
    const next = () => {
      const part = rest.shift()
      if (part !== undefined && socket.writable) socket.write(part)
    }
    const timer = setInterval(next, everyMs)
    const late = setTimeout(() => socket.destroy(new Error('the server kept the connection')), 8000)
    socket.on('data', chunk => chunks.push(chunk))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.once('close', () => {
      clearInterval(timer)
      clearTimeout(late)
      const text = Buffer.concat(chunks).toString('latin1')
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1] ?? 0)
      resolve({ text, status, endedMs: performance.now() - startedMs })
    })
  })
}
