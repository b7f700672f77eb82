import type { JvmCommand } from './jvm-command.ts'

/** Under what runs of a command are remembered: most exact first, each more general than the one before. */
export type CommandKeys = {
  /** Executable, program and user, e.g. `java app.jar @1000`. */
  readonly command: string
  /** The executable alone, e.g. `java`. */
  readonly executable: string
}

/** Longest parts of a key; the end of a name tells more than its beginning (`org.example.batch.Nightly`). */
const MAX_EXECUTABLE = 40
const MAX_PROGRAM = 80

/** One part of a key: printable ASCII without blanks, so that keys can be typed, printed and kept as they are. */
function part(text: string, maxLength: number): string {
  return text.replace(/[^!-~]/g, '_').slice(-maxLength)
}

function base(path: string): string {
  return /\s/.test(path) ? path : path.slice(path.lastIndexOf('/') + 1)
}

function subCommand([, ...words]: readonly string[]): string {
  return words.find(word => word !== '' && !word.startsWith('-')) ?? ''
}

/**
 * The keys of a command: for Java the jar's name or the main class, for others the first word that is no option
 * (`git clone`, `python3 train.py`, `make all`), and whose process it is.
 */
export function commandKeys(
  command: readonly string[],
  java: JvmCommand | undefined,
  uid: number,
): CommandKeys {
  const executable = part(base(command[0] ?? ''), MAX_EXECUTABLE) || '_'
  const program = part(base(java?.program ?? subCommand(command)), MAX_PROGRAM)
  return { executable, command: [executable, program, `@${uid}`].filter(Boolean).join(' ') }
}
