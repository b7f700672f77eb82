import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { until } from '../../native/relay.ts'
import { farAway, inBothWorlds, type World } from './worlds.ts'

/** All that a program can catch, but those that the kernel itself sends for an error of the program. */
const CATCHABLE = Object.entries(constants.signals).filter(
  ([name]) => !['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'].includes(name),
)

inBothWorlds('signals and the end', world => {
  it('10: every catchable signal comes through, once', async () => {
    const log = join(world.folder(), 'signals')
    const names = [...new Set(CATCHABLE.map(([, number]) => number))]
    const traps = names.map(number => `trap 'echo ${number} >>${log}' ${number}`).join('; ')
    const script = `${traps}; trap 'exit 0' TERM; : >${log}; while :; do sleep 0.01; done`
    const child = start(world, ['bash', '-c', script])
    await until(() => existsSync(log))
    const sent: string[] = []
    for (const number of names.filter(one => one !== constants.signals.SIGTERM)) {
      process.kill(child.pid, number)
      sent.push(`${number}\n`)
      await until(() => readFileSync(log, 'utf8') === sent.join(''))
    }
    process.kill(child.pid, 'SIGTERM')
    expect(await child.ended).toEqual({ status: 0, signal: null })
    expect(readFileSync(log, 'utf8')).toBe(sent.join(''))
  })

  it('10: kill -3 gives the thread dump of a JVM', { timeout: 120_000 }, async () => {
    const source = join(world.folder(), 'Waits.java')
    const text =
      'class Waits { public static void main(String[] a) throws Exception { System.out.println("up"); Thread.sleep(600000); } }'
    await world.shell(`printf '%s' '${text}' >${source}`)
    const child = start(world, ['java', '-Xshare:auto', '-XX:TieredStopAtLevel=1', source])
    await until(() => child.stdout().includes('up\n'))
    process.kill(child.pid, 'SIGQUIT')
    await until(() => child.stdout().includes('Full thread dump') && child.stdout().includes('Waits.main'))
    process.kill(child.pid, 'SIGTERM')
    expect(await child.ended).toEqual({ status: 143, signal: null })
  })

  it('11: the exit status, bit by bit', async () => {
    for (const status of [0, 1, 2, 7, 125, 126, 127, 128, 129, 137, 254, 255])
      expect(await world.run(['sh', '-c', `exit ${status}`])).toMatchObject({ status, signal: null })
  })

  it('11: death by a signal is death by that signal', async () => {
    for (const signal of [
      'SIGHUP',
      'SIGINT',
      'SIGQUIT',
      'SIGABRT',
      'SIGKILL',
      'SIGSEGV',
      'SIGPIPE',
      'SIGTERM',
      'SIGUSR1',
    ])
      expect(await world.run(['sh', '-c', `kill -${signal.slice(3)} $$; sleep 10`])).toMatchObject({
        status: null,
        signal,
      })
  })

  it('10: timeout ends it, gently or not', async () => {
    expect((await world.shell('timeout 0.3 $RUN sleep 100; echo $?')).stdout).toBe('124\n')
    expect((await world.shell(`timeout -s KILL 0.3 $RUN sleep 100; echo $?`)).stdout).toBe('137\n')
    const stubborn = `timeout -k 0.3 0.3 $RUN bash -c 'trap "" TERM; while :; do sleep 0.1; done'; echo $?`
    expect((await world.shell(stubborn)).stdout).toBe('137\n')
  })

  it('10: stopping and continuing', async () => {
    const child = start(world, ['sh', '-c', 'kill -STOP $$; echo continued'])
    await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${child.pid}/status`, 'utf8')))
    process.kill(child.pid, 'SIGCONT')
    expect(await child.ended).toEqual({ status: 0, signal: null })
    expect(child.stdout()).toBe('continued\n')
  })
})

farAway('no orphans', world => {
  it('20: the process ends with its deputy, whatever it had started', async () => {
    const pids = join(world.folder(), 'pids')
    const child = start(world, [
      'bash',
      '-c',
      `setsid bash -c 'trap "" HUP TERM; sleep 1000 & echo $! $$ >>${pids}; wait' & echo $$ >>${pids}; sleep 1000`,
    ])
    const all = () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split(/\s+/).map(Number) : [])
    await until(() => all().length === 3)
    process.kill(child.pid, 'SIGKILL')
    await child.ended
    await until(() => all().every(pid => !existsSync(`/proc/${pid}`)))
  })
})

type Started = {
  readonly pid: number
  readonly stdout: () => string
  readonly ended: Promise<{ readonly status: number | null; readonly signal: NodeJS.Signals | null }>
}

function start(world: World, argv: readonly string[]): Started {
  const [file = '', ...args] = [...world.prefix(), ...argv]
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', more => (text += more))
  const ended = new Promise<Awaited<Started['ended']>>(resolve =>
    child.on('close', (status, signal) => resolve({ status, signal })),
  )
  return { pid: child.pid ?? 0, stdout: () => text, ended }
}
