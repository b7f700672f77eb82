import { splitArgFile, splitEnvOptions } from './jvm-words.ts'

/** One option of a JVM and where it was written: `command line` or the name of a variable or `@file`. */
export type JvmOption = { readonly text: string; readonly source: string }

/** A `java` command taken apart. Options are in the order in which the JVM obeys them: the last one wins. */
export type JvmCommand = {
  readonly options: readonly JvmOption[]
  /** The jar's path, the main class, the module or the source file; empty for `java -version` and the like. */
  readonly program: string
  /** Argument files whose content we were not given; their options are unknown. */
  readonly unreadFiles: readonly string[]
}

/** Launcher options whose value is the next word (JDK 21, `java` manual). */
const VALUE_FOLLOWS = new Set([
  '-cp',
  '-classpath',
  '--class-path',
  '-p',
  '--module-path',
  '--upgrade-module-path',
  '--add-modules',
  '--add-reads',
  '--add-exports',
  '--add-opens',
  '--limit-modules',
  '--patch-module',
  '--enable-native-access',
  '--source',
  '-d',
  '--describe-module',
])

const MODULE = /^(?:-m|--module|--module=.*)$/s

/** {@link JvmOption.source} of what was typed. */
export const COMMAND_LINE = 'command line'

/** Whether the command starts Java's launcher itself; `mvn`, `gradle` and other wrappers are not seen through. */
export function isJava(command: readonly string[]): boolean {
  return /(?:^|\/)java$/.test(command[0] ?? '')
}

type Word = JvmOption & { readonly mayBeFile: boolean }

function wordsOf(words: readonly string[], source: string, mayBeFile: boolean): Word[] {
  return words.map(text => ({ text, source, mayBeFile }))
}

/** The options in a variable of the environment. */
export function envOptionsOf(env: Readonly<Record<string, string>>, name: string): readonly JvmOption[] {
  return splitEnvOptions(env[name] ?? '').map(text => ({ text, source: name }))
}

/**
 * Reads the launcher's words up to the program, opening argument files on the way. These do not nest: OpenJDK 17 takes
 * an `@file` within one for the main class.
 */
function readLauncher(words: readonly Word[], argFiles: ReadonlyMap<string, string>): JvmCommand {
  const rest = words.toReversed()
  const options: JvmOption[] = []
  const unreadFiles: string[] = []
  let expanding = true
  for (let word = rest.pop(); word !== undefined; word = rest.pop()) {
    const { text, source, mayBeFile } = word
    if (text === '--disable-@files') {
      expanding = false
    } else if (expanding && mayBeFile && /^@[^@]/.test(text)) {
      const content = argFiles.get(text.slice(1))
      if (content === undefined) unreadFiles.push(text.slice(1))
      const inner = wordsOf(splitArgFile(content ?? ''), text, false)
      for (const each of inner.toReversed()) rest.push(each)
    } else if (MODULE.test(text)) {
      return { options, program: text.split('=')[1] ?? rest.pop()?.text ?? '', unreadFiles }
    } else if (!text.startsWith('-')) {
      return { options, program: text, unreadFiles }
    } else {
      options.push({ text, source })
      if (VALUE_FOLLOWS.has(text)) rest.pop()
    }
  }
  return { options, program: '', unreadFiles }
}

/**
 * Takes a `java` command apart the way JVM and launcher do: JAVA_TOOL_OPTIONS, then JDK_JAVA_OPTIONS, then the
 * command line up to the program, then _JAVA_OPTIONS, which goes before all others (seen with OpenJDK 17).
 */
export function readJvmCommand(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  argFiles: ReadonlyMap<string, string>,
): JvmCommand {
  const launcher = readLauncher(
    [
      ...envOptionsOf(env, 'JDK_JAVA_OPTIONS').map(option => ({ ...option, mayBeFile: true })),
      ...wordsOf(command.slice(1), COMMAND_LINE, true),
    ],
    argFiles,
  )
  const options = [
    ...envOptionsOf(env, 'JAVA_TOOL_OPTIONS'),
    ...launcher.options,
    ...envOptionsOf(env, '_JAVA_OPTIONS'),
  ]
  return { ...launcher, options }
}
