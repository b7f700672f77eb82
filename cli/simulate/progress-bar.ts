import { formatDuration } from '../output.ts'

/** Cells of the bar, and parts of the work that are told where there is no terminal. */
const CELLS = 30
const TOLD_PARTS = 10
/** A terminal is redrawn this often at most. */
const REDRAW_MS = 100

/** Shows how far the work is; `close` leaves the line. */
export type ProgressBar = {
  readonly update: (done: number, count: number) => void
  readonly close: () => void
}

/** On a terminal a bar that renews itself, with the time that is left; elsewhere a line per tenth. */
export function progressBar(stream: NodeJS.WriteStream, now: () => number): ProgressBar {
  const startedMs = now()
  let drawnMs = Number.NEGATIVE_INFINITY
  let told = 0
  return {
    update: (done, count) => {
      const elapsedMs = now() - startedMs
      if (stream.isTTY) {
        if (done < count && now() - drawnMs < REDRAW_MS) return
        drawnMs = now()
        stream.write(`\r\x1b[K${progressText(done, count, elapsedMs)}`)
      } else if (Math.floor((done * TOLD_PARTS) / count) > told) {
        told = Math.floor((done * TOLD_PARTS) / count)
        stream.write(`${done} of ${count} simulations, ${formatDuration(elapsedMs)}\n`)
      }
    },
    close: () => {
      if (stream.isTTY) stream.write('\r\x1b[K')
    },
  }
}

/** `[######........................] 123 of 600, 1 min 5 s left`. */
export function progressText(done: number, count: number, elapsedMs: number): string {
  const filled = Math.floor((done * CELLS) / count)
  const bar = `[${'#'.repeat(filled)}${'.'.repeat(CELLS - filled)}]`
  const leftMs = (elapsedMs * (count - done)) / Math.max(1, done)
  return `${bar} ${done} of ${count}, ${formatDuration(leftMs)} left`
}
