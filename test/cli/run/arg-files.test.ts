import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { argFilesOf } from '../../../cli/run/arg-files.ts'

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'godwit-args-'))
  writeFileSync(join(cwd, 'run.args'), '-Xmx1g "-jar" app.jar')
  writeFileSync(join(cwd, 'large.args'), 'x'.repeat((64 << 10) + 1))
  mkdirSync(join(cwd, 'folder'))
  execFileSync('mkfifo', [join(cwd, 'fifo')])
})
afterAll(() => rmSync(cwd, { recursive: true }))

const files = (command: string, env: Record<string, string> = {}) =>
  argFilesOf({ argv: command.split(' '), env, cwd })

describe('the argument files of a run', () => {
  it('are those that java will read, from where it will', () => {
    const text = '-Xmx1g "-jar" app.jar'
    expect(files('java -ea @run.args x')).toEqual({ 'run.args': text })
    expect(files(`/opt/jdk/bin/java @${cwd}/run.args`)).toEqual({ [`${cwd}/run.args`]: text })
    expect(files('nice -n 5 java @run.args')).toEqual({ 'run.args': text })
    expect(files('java Main', { JDK_JAVA_OPTIONS: '@run.args' })).toEqual({ 'run.args': text })
  })

  it.each(['cat @run.args', 'java Main @run.args', 'java --disable-@files @run.args', 'java @@run.args'])(
    '%j has none',
    command => expect(files(command)).toEqual({}),
  )

  it.each(['java @gone Main', 'java @large.args Main', 'java @folder Main', 'java @fifo Main'])(
    '%j has one that is left out',
    command => expect(files(command)).toEqual({}),
  )

  it('are no more than sixteen', () => {
    const many = Array.from({ length: 40 }, (_, index) => `@./${'./'.repeat(index)}run.args`)
    expect(Object.keys(files(`java ${many.join(' ')} Main`))).toHaveLength(16)
  })
})
