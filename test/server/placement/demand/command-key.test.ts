import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { executableOf, GLOBAL_KEY } from '../../../../server/learning/key.ts'
import { commandKeys } from '../../../../server/placement/demand/command-key.ts'
import { isJava, readJvmCommand } from '../../../../server/placement/demand/jvm-command.ts'

const keys = (words: readonly string[], uid = 0) =>
  commandKeys(words, isJava(words) ? readJvmCommand(words, {}, new Map()) : undefined, uid)

describe('a command is remembered', () => {
  it.each([
    ['/usr/bin/make -j8', 'make @0'],
    ['make -j8 all', 'make all @0'],
    ['git clone --depth 1 x', 'git clone @0'],
    ['python3 -u /srv/train.py x', 'python3 train.py @0'],
    ['java -jar /srv/app.jar x', 'java app.jar @0'],
    ['/opt/jdk/bin/java -cp x org.Main', 'java org.Main @0'],
    ['java -m mods/org.Main', 'java org.Main @0'],
    ['java -version', 'java @0'],
    ['', '_ @0'],
  ])('%j as %j', (command, key) => {
    expect(keys(command.split(' ')).command).toBe(key)
  })

  it('apart for each user, and together by its executable', () => {
    const mine = keys(['java', '-jar', 'a.jar'], 1000)
    expect(mine).toEqual({ command: 'java a.jar @1000', executable: 'java' })
    expect(keys(['java', '-jar', 'a.jar'], 1001).command).not.toBe(mine.command)
  })

  it('by a script it was given as text', () => {
    expect(keys(['sh', '-c', 'cat /etc/a; exit 7']).command).toBe('sh cat_/etc/a;_exit_7 @0')
  })

  it('under a key that can be typed and kept, whatever it is called', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), fc.nat(), (words, uid) => {
        const { command, executable } = keys(words, uid)
        expect(command).toMatch(/^[!-~]{1,40}( [!-~]{1,80})? @\d+$/)
        expect(executableOf(command)).toBe(executable)
        expect(executable).not.toBe(GLOBAL_KEY)
      }),
    )
  })
})
