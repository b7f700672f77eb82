/** 128 + SIGPIPE: what a shell reports for a program whose reader has gone. */
const READER_GONE = 141

/**
 * Ends the program when its output can no longer be written: without a word when the reader has gone (`| head`), with
 * one sentence otherwise (a full disk). A part that listens itself, as the deputy does, deals with it itself.
 */
export function endOnBrokenOutput(): void {
  // Nobody is left to tell that errors cannot be told.
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (process.stdout.listenerCount('error') > 1) return
    if (error.code === 'EPIPE') process.exit(READER_GONE)
    process.stderr.write(`godwit: the output cannot be written: ${error.message}\n`)
    process.exit(1)
  })
}
