import { createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import {
  CONTROL_LINE_MAX_CHARS,
  type ControlReply,
  type ControlRequest,
  parseControlLine,
} from '../control.ts'

/**
 * Listens on the control socket and answers each line with one line. Requests are handled one after the other,
 * whoever sends them. A bad line is refused with its reason; a caller that floods is cut off.
 */
export async function serveControl(
  socketPath: string,
  handle: (request: ControlRequest) => Promise<string>,
): Promise<Server> {
  let queue = Promise.resolve()
  const answer = (socket: Socket, line: string) => {
    queue = queue.then(async () => {
      const reply = await replyTo(line, handle)
      if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`)
    })
  }
  const server = createServer(socket => {
    // A caller may be killed while it waits; that is no event of the lab's.
    socket.on('error', () => socket.destroy())
    limitLine(socket)
    createInterface({ input: socket }).on('line', line => answer(socket, line))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socketPath, resolve)
  })
  return server
}

async function replyTo(
  line: string,
  handle: (request: ControlRequest) => Promise<string>,
): Promise<ControlReply> {
  const parsed = parseControlLine(line)
  if (parsed.kind === 'bad') return { kind: 'refused', reason: parsed.reason }
  try {
    return { kind: 'done', name: await handle(parsed.request) }
  } catch (error) {
    return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) }
  }
}

// readline keeps an unfinished line without bound.
function limitLine(socket: Socket): void {
  let sinceNewline = 0
  socket.on('data', chunk => {
    const newline = chunk.lastIndexOf(10)
    sinceNewline = newline < 0 ? sinceNewline + chunk.length : chunk.length - newline - 1
    if (sinceNewline > CONTROL_LINE_MAX_CHARS) socket.destroy()
  })
}
