import { describe, expect, it } from 'vitest'
import { isJava, readJvmCommand } from '../../../../server/placement/demand/jvm-command.ts'

const read = (command: string, env: Record<string, string> = {}, files: Record<string, string> = {}) => {
  const { options, program, unreadFiles } = readJvmCommand(
    command.split(' '),
    env,
    new Map(Object.entries(files)),
  )
  return { options: options.map(({ text }) => text).join(' '), program, unreadFiles }
}

describe('a java command', () => {
  it.each([
    ['java -Xmx1g -jar app.jar -Xmx9g', '-Xmx1g -jar', 'app.jar'],
    ['java -jar -Xmx50m w.jar', '-jar -Xmx50m', 'w.jar'],
    ['java -cp a.jar:b.jar -ea org.example.Main -Xmx9g', '-cp -ea', 'org.example.Main'],
    ['java --class-path x --add-opens a/b=c -Xss1m Main', '--class-path --add-opens -Xss1m', 'Main'],
    ['java -p mods -m app/org.Main -Xmx9g', '-p', 'app/org.Main'],
    ['java --module=app/org.Main -Xmx9g', '', 'app/org.Main'],
    ['java Hello.java', '', 'Hello.java'],
    ['java -version', '-version', ''],
    ['java -cp', '-cp', ''],
    ['java', '', ''],
  ])('%j has the options %j and runs %j', (command, options, program) => {
    expect(read(command)).toEqual({ options, program, unreadFiles: [] })
  })

  it('puts the variables in the order the JVM obeys them', () => {
    const env = { JAVA_TOOL_OPTIONS: '-Xmx1m', JDK_JAVA_OPTIONS: '-Xmx2m', _JAVA_OPTIONS: '-Xmx4m' }
    const { options } = readJvmCommand(['java', '-Xmx3m', 'Main'], env, new Map())
    expect(options).toEqual([
      { text: '-Xmx1m', source: 'JAVA_TOOL_OPTIONS' },
      { text: '-Xmx2m', source: 'JDK_JAVA_OPTIONS' },
      { text: '-Xmx3m', source: 'command line' },
      { text: '-Xmx4m', source: '_JAVA_OPTIONS' },
    ])
  })

  it('opens argument files, once, and names those it was not given', () => {
    const files = { 'a.args': '-Xmx1g @b.args', 'b.args': '-Xmx2g', c: '-jar "my app.jar"' }
    expect(read('java @a.args', {}, files)).toMatchObject({ options: '-Xmx1g', program: '@b.args' })
    expect(read('java -ea @c -Xmx9g', {}, files)).toMatchObject({
      options: '-ea -jar',
      program: 'my app.jar',
    })
    expect(read('java @gone Main', {}, files)).toEqual({
      options: '',
      program: 'Main',
      unreadFiles: ['gone'],
    })
    expect(read('java Main', { JDK_JAVA_OPTIONS: '@c' }, files)).toMatchObject({ program: 'my app.jar' })
    expect(read('java --disable-@files @c', {}, files)).toMatchObject({ program: '@c' })
    expect(read('java @@c', {}, files)).toMatchObject({ program: '@@c' })
  })

  it('of very many options is read in one go', () => {
    const command = ['java', ...Array.from({ length: 65_000 }, (_, index) => `-Dp${index}`), 'Main']
    expect(readJvmCommand(command, {}, new Map()).program).toBe('Main')
  })
})

it.each([
  ['java', true],
  ['/usr/lib/jvm/21/bin/java', true],
  ['javac', false],
  ['./notjava', false],
  ['', false],
])('%j starts a JVM: %j', (executable, answer) => {
  expect(isJava([executable])).toBe(answer)
})
