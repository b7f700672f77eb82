import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { duplexPair } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectDirect, secure } from '../../../streams/io/connect.ts'
import { whyNoNative } from '../../native/relay.ts'
import { openScene, type Scene } from '../scene.ts'

const why = whyNoNative()
if (why !== undefined) console.warn(`agent/exec: left out: ${why}`)

/** Whether the process is alive; PID 1 of a container may leave zombies, which are dead. */
function alive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until `look` is true; a process that was killed is gone when the kernel has come round to it. */
async function until(look: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1500 && !look(); turn += 1) await sleep(10)
  expect(look()).toBe(true)
}

describe.skipIf(why !== undefined)('a node', () => {
  let scene: Scene
  beforeAll(async () => {
    scene = await openScene()
  }, 60_000)
  afterAll(() => scene.close())

  describe('runs a process', () => {
    test('with its input, its two outputs and its status', async () => {
      const end = await scene.run(['sh', '-c', 'cat; echo err >&2; exit 7'], { input: 'hi\n' })
      expect([`${end.stdout}`, end.stderr, end.status]).toEqual(['hi\n', 'err\n', 7])
    })

    test('that dies of a signal, and says so', async () => {
      const { signal, status } = await scene.run(['sh', '-c', 'kill -USR1 $$'])
      expect([signal, status]).toEqual(['SIGUSR1', null])
    })

    test('with arguments, environment, folder and umask exactly', async () => {
      const script = 'printf "[%s]" "$0" "$@"; pwd; umask; exec env'
      const argv = ['sh', '-c', script, 'a b', '', '$HOME', '"\n\u00e4']
      const env = { PATH: '/usr/bin:/bin', PWD: '/usr', 'dotted.name': 'x=y', EMPTY: '' }
      const { stdout } = await scene.run(argv, { cwd: '/usr', env, umask: '027' })
      expect(`${stdout}`).toContain('[a b][][$HOME]["\n\u00e4]/usr\n0027\n')
      expect(`${stdout}`).toContain('EMPTY=\n')
    })

    test('as the user that asked, with exactly the groups', async () => {
      const script = 'id -u; id -g; id -G; echo ok > /dev/stdout'
      const { stdout } = await scene.run(['sh', '-c', script], { uid: 4242, gid: 4343 })
      expect(`${stdout}`.split('\n').slice(0, 2)).toEqual(['4242', '4343'])
    })

    test('100 MB of which go through unchanged', { timeout: 60_000 }, async () => {
      const input = randomBytes(100 << 20)
      const { stdout } = await scene.run(['cat'], { input })
      const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
      expect([stdout.length, sum(stdout)]).toEqual([input.length, sum(input)])
    })

    test('and tells start and end once each', async () => {
      await scene.run(['sh', '-c', 'sleep 0.3 & sleep 0.3 & sleep 0.3 & wait'])
      const [started, finished] = scene.facts.slice(-2)
      expect(started).toMatchObject({ type: 'process-started' })
      expect(finished).toMatchObject({ type: 'process-ended', id: started?.id, ending: { exitStatus: 0 } })
      expect(finished?.type === 'process-ended' && finished.usage.peakThreads).toBeGreaterThanOrEqual(4)
    })

    test('whose start is refused when there is no such program, or it may not run', async () => {
      const missing = await scene.run(['no-such-program'])
      expect([missing.status, missing.stderr]).toEqual([127, expect.stringContaining('no-such-program')])
      expect((await scene.run(['/etc/passwd'])).status).toBe(126)
      expect(scene.service.running()).toEqual([])
    })
  })

  describe('ends a process', () => {
    test('whose deputy is killed, softly, with its children', async () => {
      const script =
        'sleep 1000 & echo $!; trap "echo term >&2; exit 3" TERM; echo $$; while :; do sleep 0.05; done'
      const run = scene.start(['sh', '-c', script])
      await until(() => run.text().stdout.split('\n').length === 3)
      const pids = run.text().stdout.trim().split('\n').map(Number)
      run.child.kill('SIGKILL')
      await until(() => pids.every(pid => !alive(pid)))
      await until(() => scene.service.running().length === 0)
      expect(scene.facts.at(-1)).toMatchObject({ type: 'process-ended', ending: { exitStatus: 3 } })
    })

    test('whose deputy is killed while it writes without end', async () => {
      const run = scene.start(['sh', '-c', 'echo $$; exec yes'])
      await until(() => run.text().stdout.length > 1 << 20)
      const pid = Number.parseInt(run.text().stdout, 10)
      run.child.kill('SIGKILL')
      await until(() => !alive(pid) && scene.service.running().length === 0)
    })

    test('whose keeper is killed', async () => {
      const run = scene.start(['sh', '-c', 'echo $$ $PPID; sleep 1000'])
      await until(() => run.text().stdout.endsWith('\n'))
      const [pid = 0, keeper = 0] = run.text().stdout.trim().split(' ').map(Number)
      process.kill(keeper, 'SIGKILL')
      await until(() => !alive(pid) && scene.service.running().length === 0)
      expect(scene.facts.at(-1)).toMatchObject({ type: 'process-ended', ending: { signal: 'SIGKILL' } })
      await run.ended
    })

    test('that somebody kills by name, and says when there is none', async () => {
      const run = scene.start(['sleep', '1000'])
      await until(() => scene.service.running().length === 1)
      const id = scene.service.running()[0]?.id ?? ''
      expect(scene.service.kill(id, 'SIGNONSENSE')).toBe('no signal SIGNONSENSE here')
      expect(scene.service.kill(id, 'SIGKILL')).toBeUndefined()
      expect((await run.ended).signal).toBe('SIGKILL')
      await until(() => scene.service.kill(id, 'SIGKILL') === 'no such process')
    })
  })

  describe('starts nothing', () => {
    test('for a ticket that was used before', async () => {
      let first: ReturnType<Scene['grantDigest']> | undefined
      scene.place(({ specSha256 }) => {
        first ??= scene.grantDigest(specSha256)
        return first
      })
      expect((await scene.run(['true'])).status).toBe(0)
      const again = await scene.run(['true'])
      expect([again.status, again.stderr]).toEqual([125, expect.stringContaining('was used before')])
      scene.place(({ specSha256 }) => scene.grantDigest(specSha256))
    })

    test('for a ticket of another command, or for more memory than it has', async () => {
      scene.place(() => scene.grantDigest('0'.repeat(64)))
      expect((await scene.run(['true'])).stderr).toContain('ticket is for another command')
      scene.place(({ specSha256 }) => scene.grantDigest(specSha256, 2 ** 50))
      expect((await scene.run(['true'])).stderr).toMatch(/wants 1073741824 MiB, the node has \d+ MiB/)
      scene.place(({ specSha256 }) => scene.grantDigest(specSha256))
    })

    test('for a user of its own who claims a group that is not theirs', async () => {
      const end = await scene.run(['true'], { uid: 1, gid: 0 })
      expect([end.status, end.stderr]).toEqual([125, expect.stringContaining('user 1 is not in group 0')])
    })
  })

  describe('is not mistaken for another', () => {
    test('by a home: of another cluster, or another node', async () => {
      const grant = await scene.grantDigest('0'.repeat(64))
      const foreign = { ...grant, node: { ...grant.node, id: 'n-ffffffffffff' as typeof grant.node.id } }
      await expect(connectDirect(foreign, { timeoutMs: 5000 })).rejects.toThrow(/n-ffffffffffff/)
    })

    test('over whatever stream TLS runs', async () => {
      const grant = await scene.grantDigest('0'.repeat(64))
      const socket = await secure(connectTcp(grant.node.port, '127.0.0.1'), grant, { timeoutMs: 5000 })
      expect(socket.authorized).toBe(true)
      socket.destroy()
    })

    test('on a way on which nobody answers, which is given up in time', async () => {
      const grant = await scene.grantDigest('0'.repeat(64))
      const [near, far] = duplexPair()
      await expect(secure(near, grant, { timeoutMs: 50 })).rejects.toThrow('did not answer in 50 ms')
      expect(near.destroyed).toBe(true)
      far.destroy()
    })
  })

  test('hangs up on who sends octets that are no greeting, and logs it', async () => {
    const stranger = connectTls({ host: '127.0.0.1', port: scene.port, rejectUnauthorized: false }).resume()
    const closed = new Promise(resolve => stranger.once('error', resolve).once('close', resolve))
    stranger.write('GET / HTTP/1.1\r\n\r\n')
    await closed
    expect(scene.lines.at(-1)).toContain('GW_BAD_MESSAGE')
  })
})

test.skipIf(why !== undefined).each([
  ['is checked', (close: () => void) => close()],
  ['was checked', (close: () => void) => void setImmediate(close)],
])('an agent that ends while a ticket %s leaves no process behind', async (_name, when) => {
  const ending: Scene = await openScene(gate => ({
    ...gate,
    use(ticket, request) {
      const result = gate.use(ticket, request)
      when(() => {
        closed = ending.service.close()
      })
      return result
    },
  }))
  let closed = Promise.resolve()
  const { signal, status } = await ending.run(['sleep', '1000'])
  await closed
  expect(signal === 'SIGTERM' || status === 125).toBe(true)
  expect(ending.service.running()).toEqual([])
  await ending.close()
})
