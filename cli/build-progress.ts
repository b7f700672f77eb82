import type { BuildOptions, BuildProgress, BuildResult } from '../images/build.ts'
import { createLog } from '../server/io/log.ts'
import { withSignal } from './interrupt.ts'
import { formatDuration } from './output.ts'

/** Builds with progress on standard error; ^C ends the build and leaves nothing half made. */
export async function showBuild(
  options: Omit<BuildOptions, 'onProgress' | 'signal' | 'log'>,
  build: (options: BuildOptions) => Promise<BuildResult>,
): Promise<BuildResult> {
  return withSignal(signal =>
    build({ ...options, onProgress: progressLine(process.stderr), signal, log: createLog('warn') }),
  )
}

/** On a terminal one line that renews itself; in a log one line per step. */
function progressLine(stream: NodeJS.WriteStream): (progress: BuildProgress) => void {
  let step = ''
  return progress => {
    const at = `[${progress.index}/${progress.count}] ${progress.title}`
    const text = `${at}, ${formatDuration(progress.elapsedMs)}`
    if (stream.isTTY) {
      const line = progress.line === '' ? text : `${text}: ${progress.line}`
      const isNewStep = step !== '' && step !== at
      stream.write(
        `${isNewStep ? '\n' : ''}\r\x1b[K${line.slice(0, (stream.columns ?? 80) - 1)}${progress.isDone ? '\n' : ''}`,
      )
    } else if (step !== at) {
      stream.write(`${at}\n`)
    }
    step = at
  }
}
