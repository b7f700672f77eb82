import { styleText } from 'node:util'
import { LabFailure } from '../lab/failure.ts'
import { GodwitError, nextStep } from '../protocol/errors.ts'

/** Writes `error` for a person: the code, one sentence, details one a line, and the next step. */
export function printError(error: unknown, stream: NodeJS.WriteStream): void {
  if (error instanceof LabFailure) {
    stream.write(`godwit: ${error.message} (GW_LAB)\n`)
    return
  }
  if (!(error instanceof GodwitError)) {
    stream.write(`godwit: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    return
  }
  const paint = (style: 'red' | 'dim', text: string) => styleText(style, text, { stream })
  stream.write(`godwit: ${paint('red', error.message)}\n`)
  for (const line of Array.isArray(error.cause) ? error.cause : []) stream.write(`  ${line}\n`)
  stream.write(`${paint('dim', `  next: ${nextStep(error.code)} (${error.code})`)}\n`)
}
