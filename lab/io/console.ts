import { createConnection } from 'node:net'
import { LEAVE_HINT, splitAtEscape } from '../console-keys.ts'
import { LabFailure } from '../failure.ts'

/** How a console session ended: the user left, or the machine was switched off. */
export type ConsoleEnd = 'left' | 'closed'

/** Where a console session reads and writes; a terminal is switched to raw mode while it lasts. */
export type ConsoleStreams = {
  readonly input: NodeJS.ReadableStream & {
    readonly isTTY?: boolean | undefined
    setRawMode?(raw: boolean): unknown
  }
  readonly output: NodeJS.WritableStream
}

/**
 * Joins `streams` to a machine's serial port until Ctrl-] is typed, the machine goes off, or `signal` aborts.
 * Without a terminal it copies plainly both ways; the end of the input then leaves the output going. One at a
 * time: QEMU keeps a second caller waiting. Throws LabFailure `not-up` when the socket is not there.
 */
export async function attachConsole(
  socketPath: string,
  streams: ConsoleStreams,
  signal: AbortSignal,
): Promise<ConsoleEnd> {
  const { input, output } = streams
  const socket = createConnection(socketPath)
  const isTerminal = input.isTTY === true
  return new Promise<ConsoleEnd>((resolve, reject) => {
    const leave = () => finish('left')
    const onInput = (chunk: Uint8Array | string) => {
      const typed = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk
      const { before, escaped } = isTerminal ? splitAtEscape(typed) : { before: typed, escaped: false }
      if (before.length > 0) socket.write(before)
      if (escaped) leave()
    }
    const finish = (end: ConsoleEnd | LabFailure) => {
      signal.removeEventListener('abort', leave)
      input.off('data', onInput)
      input.pause()
      if (isTerminal) input.setRawMode?.(false)
      // Its own end must not finish the session again; what was typed last is still sent.
      socket.removeAllListeners('close')
      socket.destroySoon()
      if (end instanceof LabFailure) reject(end)
      else resolve(end)
    }
    signal.addEventListener('abort', leave)
    socket.once('connect', () => {
      if (isTerminal) input.setRawMode?.(true)
      if (isTerminal) output.write(LEAVE_HINT)
      input.on('data', onInput)
    })
    socket.on('data', chunk => output.write(chunk))
    socket.once('close', () => finish('closed'))
    socket.once('error', error => finish(notThere(error)))
  })
}

function notThere(error: Error): LabFailure {
  return new LabFailure(
    'not-up',
    `The console cannot be opened (${error.message})`,
    'See with godwit lab status whether the machine is on; what it said so far is in its console log',
  )
}
