import { parseBytes } from '../../../config/values/bytes.ts'

/** A command taken apart as far as sizing needs it. */
export type ProgramCommand = {
  /** Base name of the executable. */
  readonly executable: string
  /** The words after it. */
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A text somebody wrote, and where, as a person would say it: `-j8`, `GOMAXPROCS=4`. */
type Given = { readonly value: string; readonly from: string }

/** Largest memory anybody can mean, bytes. */
const MAX_BYTES = 2 ** 50

/** Takes a command apart. */
export function programCommand(
  [path = '', ...words]: readonly string[],
  env: Readonly<Record<string, string>>,
): ProgramCommand {
  return { executable: path.slice(path.lastIndexOf('/') + 1), words, env }
}

function fromWords(words: readonly string[], names: readonly string[]): Given | undefined {
  let found: Given | undefined
  for (const [index, word] of words.entries()) {
    if (word === '--') break
    for (const name of names) {
      if (word === name) {
        const next = words[index + 1] ?? ''
        found = /^\d/.test(next) ? { value: next, from: `${word} ${next}` } : { value: '', from: word }
      } else if (name.startsWith('--') && word.startsWith(`${name}=`))
        found = { value: word.slice(name.length + 1), from: word }
      else if (!name.startsWith('--') && word.startsWith(name))
        found = { value: word.slice(name.length), from: word }
    }
  }
  return found
}

/**
 * What an option or, where the command line has none, a variable says; the last one wins. A variable either holds
 * options itself (`NODE_OPTIONS`, `MAKEFLAGS`) or is the value (`GOMAXPROCS=4`). '' as the name of a variable is none.
 */
export function givenBy(
  { words, env }: ProgramCommand,
  names: readonly string[],
  variable: string,
): Given | undefined {
  const typed = fromWords(words, names)
  const text = env[variable]
  if (typed !== undefined || text === undefined) return typed
  const inside = fromWords(text.trim().split(/\s+/), names)
  if (inside !== undefined) return { ...inside, from: `${inside.from} in ${variable}` }
  return /^\S+$/.test(text) && !text.startsWith('-')
    ? { value: text, from: `${variable}=${text}` }
    : undefined
}

/** A size in a variable, bytes; `undefined` where there is none, or no size (`GOMEMLIMIT=off`). */
export function announcedBytesIn(
  { env }: ProgramCommand,
  variable: string,
): { readonly value: number; readonly from: string } | undefined {
  const text = env[variable]
  const value = text === undefined ? undefined : parseBytes(text)
  if (text === undefined || value === undefined || value < 1 || value > MAX_BYTES) return undefined
  return { value, from: `${variable}=${text}` }
}
