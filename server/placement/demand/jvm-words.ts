const ENV_WORD = /(?:[^\s'"]|'[^']*'|"[^"]*")+/g
const ENV_QUOTED = /'([^']*)'|"([^"]*)"/g

/**
 * The options in a variable such as JDK_JAVA_OPTIONS: white space separates, quotes group, nothing escapes (the JDK's
 * `java` manual, "Using the JDK_JAVA_OPTIONS launcher environment variable").
 */
export function splitEnvOptions(text: string): readonly string[] {
  return (text.match(ENV_WORD) ?? []).map(word => word.replace(ENV_QUOTED, '$1$2'))
}

const FILE_WORD = /#[^\n\r]*|((?:[^\s'"#]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")+)(#[^\n\r]*)?/gs
const FILE_QUOTED = /'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"/gs
const ESCAPE = /\\(?:\r?\n[ \t\f]*|(.))/gs
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f' }

function unescapeQuoted(text: string): string {
  return text.replace(ESCAPE, (_, escaped: string | undefined) =>
    escaped === undefined ? '' : (ESCAPED[escaped] ?? escaped),
  )
}

/**
 * The options in a `java @argfile` ("java Command-Line Argument Files"): as above, but `#` starts a comment and within
 * quotes a backslash escapes or continues the line. A word that runs into a `#` is lost, as OpenJDK 17 loses it.
 */
export function splitArgFile(text: string): readonly string[] {
  const words: string[] = []
  for (const [, word, comment] of text.matchAll(FILE_WORD)) {
    if (word === undefined || comment !== undefined) continue
    words.push(word.replace(FILE_QUOTED, (_, single = '', double = '') => unescapeQuoted(single + double)))
  }
  return words
}
