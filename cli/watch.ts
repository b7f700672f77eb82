import { setTimeout as sleep } from 'node:timers/promises'
import { GodwitError } from '../protocol/errors.ts'

const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'

/**
 * Shows `render()` on the alternate screen, renewed every `periodMs`, until ^C; the screen is put back whatever
 * happens. A server that is away for a while is said, not fatal. Without a terminal it prints one frame a period.
 */
export async function watch(render: () => Promise<string>, periodMs: number): Promise<void> {
  const stop = new AbortController()
  const isScreen = process.stdout.isTTY
  const onSignal = () => stop.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  if (isScreen) process.stdout.write(ENTER)
  try {
    while (!stop.signal.aborted) {
      const frame = await render().catch(describeAbsence)
      process.stdout.write(isScreen ? paint(frame) : `${frame}\n\n`)
      await sleep(periodMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  } finally {
    if (isScreen) process.stdout.write(LEAVE)
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  }
}

/** One synchronised update (terminals that know `?2026` do not flicker), each line cleared to its end. */
function paint(frame: string): string {
  const rows = process.stdout.rows ?? 24
  const lines = frame.split('\n').slice(0, rows - 2)
  return `\x1b[?2026h\x1b[H${lines.map(line => `${line}\x1b[K\n`).join('')}\x1b[K\n^C ends\x1b[J\x1b[?2026l`
}

function describeAbsence(error: unknown): string {
  if (error instanceof GodwitError && error.code === 'GW_SERVER_DOWN')
    return 'the server does not answer; trying again'
  throw error
}
