import { type Readable, type Reading, type ReadingContext, readCommand } from './reading.ts'

/** Readings that are kept: lines that never come again shall not fill the memory with what is soon garbage. */
const READINGS_MAX = 256

/**
 * The readings of the last command lines: people and scripts run the same ones again and again, and reading one takes
 * longer than deciding where it goes in a small cluster. What comes out is what {@link readCommand} says, always.
 */
export class Readings {
  readonly #rules: ReadingContext['rules']
  readonly #kept = new Map<string, Reading>()
  #referenceBytes = Number.NaN

  constructor(rules: ReadingContext['rules']) {
    this.#rules = rules
  }

  /** The reading of a request. */
  of(request: Readable, referenceBytes: number): Reading {
    const context = { referenceBytes, rules: this.#rules }
    if (request.argFiles !== undefined) return readCommand(request, context)
    if (referenceBytes !== this.#referenceBytes) this.#kept.clear()
    this.#referenceBytes = referenceBytes
    const line = lineOf(request)
    const known = this.#kept.get(line)
    if (known !== undefined) return known
    const reading = readCommand(request, context)
    if (this.#kept.size >= READINGS_MAX) this.#kept.clear()
    this.#kept.set(line, reading)
    return reading
  }
}

/** All that is read, as one text. What exec takes holds no NUL, and no variable is without a name. */
function lineOf({ command, env, uid }: Readable): string {
  return `${uid}\0${Object.entries(env).join('\0')}\0\0${command.join('\0')}`
}
