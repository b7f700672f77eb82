import { COMMAND_LINE, envOptionsOf, type JvmCommand } from './jvm-command.ts'

/** Tools of the JDK: JVMs whose own flags are written `-J-Xmx1g` (`javac` manual, "-J"). */
const JDK_TOOLS = /(?:^|\/)(?:javac|javadoc|jar|jshell|jlink|jpackage|jdeps)$/

/** Scripts that start a JVM, and the variables they hand their options in, the last of which wins. */
const SCRIPTS: readonly { readonly pattern: RegExp; readonly variables: readonly string[] }[] = [
  { pattern: /(?:^|\/)(?:mvn|mvnw)$/, variables: ['MAVEN_OPTS'] },
  { pattern: /(?:^|\/)(?:gradle|gradlew)$/, variables: ['JAVA_OPTS', 'GRADLE_OPTS'] },
  { pattern: /(?:^|\/)ant$/, variables: ['ANT_OPTS'] },
  { pattern: /(?:^|\/)sbt$/, variables: ['JAVA_OPTS', 'SBT_OPTS'] },
  { pattern: /(?:^|\/)(?:scala|scalac|kotlin|kotlinc|groovy|clojure|jruby)$/, variables: ['JAVA_OPTS'] },
]

/**
 * The options of a tool that is a JVM or starts one, in the order the JVM obeys them; `undefined` for other commands.
 * None of these reads JDK_JAVA_OPTIONS: that is for the launcher `java` alone (seen with OpenJDK 17's `javac`).
 */
export function readJvmTool(
  [executable = '', ...words]: readonly string[],
  env: Readonly<Record<string, string>>,
): JvmCommand | undefined {
  const script = SCRIPTS.find(({ pattern }) => pattern.test(executable))
  if (script === undefined && !JDK_TOOLS.test(executable)) return undefined
  const own =
    script === undefined
      ? words.flatMap(word => (word.startsWith('-J') ? [{ text: word.slice(2), source: COMMAND_LINE }] : []))
      : script.variables.flatMap(name => envOptionsOf(env, name))
  const options = [...envOptionsOf(env, 'JAVA_TOOL_OPTIONS'), ...own, ...envOptionsOf(env, '_JAVA_OPTIONS')]
  return { options, program: '', unreadFiles: [] }
}
