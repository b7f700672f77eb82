import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { until } from '../../native/relay.ts'
import { openTerminal, type Terminal } from './tmux.ts'
import { inBothWorlds } from './worlds.ts'

inBothWorlds('a terminal', world => {
  let terminal: Terminal
  let asked = 0
  beforeEach(async () => {
    terminal = await openTerminal(world.prefix(), world.folder())
  })
  afterEach(() => terminal.close())
  /** Whether the shell has the terminal again, set as it was. */
  const isWell = async () => {
    // What is typed before the program's end would be the program's.
    await terminal.shows(/^\$$/m)
    asked += 1
    terminal.line(`clear; stty -a | md5sum; echo WE"LL"${asked}`)
    await terminal.shows(new RegExp(`^WELL${asked}$`, 'm'))
    return terminal.screen().match(/^[0-9a-f]{32}/)?.[0]
  }

  it('8: is one for exactly the descriptors that had one', async () => {
    const look = `sh -c 'for i in 0 1 2; do test -t $i && echo tty $i; done >&2'`
    terminal.line(`clear; true | $RUN ${look}; $RUN ${look} | cat; $RUN ${look} 2>&1 | cat; echo fini"shed"`)
    await terminal.shows('finished')
    // The loop's own 1 is wherever 2 is: in the third a pipe.
    expect(
      terminal
        .screen()
        .match(/tty \d/g)
        ?.join(),
    ).toBe('tty 1,tty 2,tty 0,tty 1,tty 2,tty 0')
  })

  it('9: has its size, and follows it', async () => {
    terminal.line('clear; $RUN stty size')
    await terminal.shows('24 80')
    const loop = 'trap "stty size" WINCH; echo re"ad"y; until read -t 0.2 line; do :; done'
    terminal.line(`clear; $RUN bash -c '${loop}'`)
    await terminal.shows('ready')
    terminal.resize(70, 20)
    await terminal.shows('20 70')
    terminal.keys('Enter')
    await isWell()
  })

  it('9: settings are seen, and what stty sets stays', async () => {
    terminal.line('stty -a >before; stty -ixon; $RUN stty -a >after; stty sane')
    await until(() => textOf(join(world.folder(), 'after')).includes('extproc'))
    expect(textOf(join(world.folder(), 'after')).replace('-ixon', 'ixon')).toBe(
      textOf(join(world.folder(), 'before')),
    )
    terminal.line('clear; $RUN stty -echo; stty -a | grep -o -e "-echo "; stty sane; echo se"en"')
    await terminal.shows('seen')
    expect(terminal.screen()).toContain('-echo')
  })

  it('9: less pages, and gives the screen back', async () => {
    const before = await isWell()
    terminal.line('seq 1000 >numbers; $RUN less numbers')
    await terminal.shows(/^numbers/m)
    terminal.keys('Space')
    await terminal.shows(/^46$/m)
    terminal.keys('G')
    await terminal.shows('(END)')
    terminal.keys('q')
    expect(await isWell()).toBe(before)
  })

  it('9: less at the end of a pipe reads its keys from the terminal', async () => {
    terminal.line('seq 1000 | $RUN less')
    await terminal.shows(/^23$/m)
    terminal.keys('G')
    await terminal.shows(/^1000$/m)
    terminal.keys('q')
    await isWell()
  })

  it('9: vim edits a file, is stopped and comes back', async () => {
    const file = join(world.folder(), 'text')
    writeFileSync(file, 'first\n')
    terminal.line(`$RUN vim.tiny -u NONE ${file}`)
    await terminal.shows(/^~$/m)
    terminal.keys('o', 'second line', 'Escape', 'C-z')
    await terminal.shows(/Stopped/)
    const stopped = await isWell()
    terminal.line('clear; fg')
    await terminal.shows('second line')
    terminal.keys('o', 'third', 'Escape', ':wq', 'Enter')
    await until(() => readFileSync(file, 'utf8') === 'first\nsecond line\nthird\n')
    expect(await isWell()).toBe(stopped)
  })

  it('9: job control: ^Z, bg, fg, ^C', async () => {
    terminal.line(
      `clear; $RUN bash -c 'trap "echo int; exit 3" INT; i=0; while :; do i=$((i+1)); echo $i >${world.folder()}/count; sleep 0.02; done'`,
    )
    const count = () => readFileSync(`${world.folder()}/count`, 'utf8')
    await until(() => existsSync(`${world.folder()}/count`))
    terminal.keys('C-z')
    await terminal.shows(/Stopped/)
    const stopped = count()
    terminal.line('jobs; bg')
    await until(() => count() !== '' && Number(count()) > Number(stopped) + 5)
    terminal.line('clear; fg')
    await terminal.shows(/^\$RUN bash -c/)
    terminal.keys('C-c')
    await terminal.shows(/int/)
    terminal.line('echo status $?')
    await terminal.shows('status 3')
  })

  it('9: ^C ends a loop of the shell, not only the program in it', async () => {
    terminal.line(`clear; while :; do $RUN sh -c 'echo up; exec sleep 100'; echo ne"xt"; done; echo st"ill"`)
    await terminal.shows(/^up$/m)
    terminal.keys('C-c')
    await isWell()
    expect(terminal.screen()).not.toMatch(/next|still/)
  })

  it('9: ^C reaches the whole of a pipeline, also when its program reads keys', async () => {
    terminal.line(`clear; $RUN cat | bash -c 'trap "echo cau\\"gh\\"t" INT; cat; cat'`)
    await until(() => !terminal.screen().includes('trap'))
    terminal.line('abc')
    await terminal.shows(/^abc\nabc$/m)
    terminal.keys('C-c')
    await terminal.shows('caught')
    await isWell()
  })

  it('7: reading from the background stops a job, and fg lets it read', async () => {
    terminal.line(`clear; $RUN sh -c 'read line; echo "got <$line>"' &`)
    // The shell tells of it before its next prompt.
    await until(() => {
      terminal.keys('Enter')
      return terminal.screen().includes('Stopped')
    })
    terminal.line('clear; fg')
    await terminal.shows(/^\$RUN sh -c/)
    terminal.line('words')
    await terminal.shows('got <words>')
    await isWell()
  })

  it('7: what is typed ahead is the shell’s, when the program reads nothing', async () => {
    terminal.line(`clear; $RUN sleep 1; echo sl"ept"`)
    terminal.line('echo typed a"head"')
    await terminal.shows('slept')
    await terminal.shows('typed ahead')
  })

  it('9: a line is edited, echoed once, and ended by ^D', async () => {
    terminal.line(`clear; $RUN sh -c 'echo up; exec cat -n'`)
    await terminal.shows(/^up$/m)
    terminal.keys('abX', 'BSpace', 'c', 'Enter')
    await terminal.shows(/^abc\n +1\s+abc$/m)
    terminal.keys('C-d')
    await isWell()
  })

  it('9: a password is not echoed', async () => {
    terminal.line(`clear; $RUN bash -c 'read -s -p Password: p; echo; echo "length \${#p}"'`)
    await terminal.shows('Password:')
    terminal.line('secret')
    await terminal.shows('length 6')
    expect(terminal.screen()).not.toContain('secret')
  })

  it('9: a program that dies in raw mode leaves no broken terminal behind', async () => {
    const before = await isWell()
    terminal.line(`clear; $RUN sh -c 'stty raw -echo; echo ra"w"; kill -9 $$'`)
    await terminal.shows('Killed')
    expect(await isWell()).toBe(before)
  })

  it('10: hangup of the terminal ends the program', async () => {
    const mark = join(world.folder(), 'hup')
    terminal.line(`$RUN bash -c 'trap "echo hup >${mark}; exit" HUP; echo on; while :; do sleep 0.05; done'`)
    await terminal.shows(/^on$/m)
    terminal.close()
    await until(() => existsSync(mark))
  })
})

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
