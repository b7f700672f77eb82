import { describe, expect, it } from 'vitest'
import { readJvmTool } from '../../../../server/placement/demand/jvm-tool.ts'

const read = (command: string, env: Record<string, string> = {}) =>
  readJvmTool(command.split(' '), env)?.options.map(({ text, source }) => `${text} (${source})`)

describe('the options of a tool that is a JVM', () => {
  it.each<[string, Record<string, string>, readonly string[]]>([
    ['javac -J-Xmx1g -d out A.java', {}, ['-Xmx1g (command line)']],
    ['/opt/jdk/bin/javac A.java', { JAVA_TOOL_OPTIONS: '-Xmx64m' }, ['-Xmx64m (JAVA_TOOL_OPTIONS)']],
    ['javac A.java', { JDK_JAVA_OPTIONS: '-Xmx64m' }, []],
    ['mvn -q package', { MAVEN_OPTS: '-Xmx2g -ea' }, ['-Xmx2g (MAVEN_OPTS)', '-ea (MAVEN_OPTS)']],
    [
      './gradlew build',
      { GRADLE_OPTS: '-Xmx2g', JAVA_OPTS: '-Xmx1g', MAVEN_OPTS: '-Xmx3g' },
      ['-Xmx1g (JAVA_OPTS)', '-Xmx2g (GRADLE_OPTS)'],
    ],
    [
      'sbt test',
      { JAVA_TOOL_OPTIONS: '-ea', SBT_OPTS: '-Xss4m', _JAVA_OPTIONS: '-Xmx9m' },
      ['-ea (JAVA_TOOL_OPTIONS)', '-Xss4m (SBT_OPTS)', '-Xmx9m (_JAVA_OPTIONS)'],
    ],
  ])('%j with %j are %j', (command, env, options) => {
    expect(read(command, env)).toEqual(options)
  })

  it.each(['java -jar a.jar', 'make', 'mvnd', 'myjavac'])('%j is none', command => {
    expect(read(command)).toBeUndefined()
  })
})
