import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { duplexPair, PassThrough, Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectDirect, secure } from '../../../agent/deputy/connect.ts'
import { empty, openScene, type Scene, specOf } from '../scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene.close())

const BYTES = { objectMode: false }
const root = userInfo().uid === 0

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
  for (let turn = 0; turn < 400 && !look(); turn += 1) await sleep(10)
  expect(look()).toBe(true)
}

/** A handle to raise signals as a terminal would, and to know when the process runs. */
function handle() {
  let raise: (signal: string) => void = () => undefined
  let started: () => void = () => undefined
  const running = new Promise<void>(resolve => {
    started = resolve
  })
  return {
    raise: (signal: string) => raise(signal),
    running,
    home: {
      signals: (listener: (signal: string) => void) => {
        raise = listener
        return () => undefined
      },
      onEvent: (event: { kind: string }) => {
        if (event.kind === 'started') started()
      },
    },
  }
}

const ended = (exitStatus: number | null, signal: string | null) => ({
  kind: 'ended',
  ending: { exitStatus, signal, oomKilled: false },
})

describe('a process through deputy and agent', () => {
  test('cat gives back what it got', async () => {
    const { result, stdout } = await scene.run(['cat'], {
      stdin: Readable.from([Buffer.from('hi\n')], BYTES),
    })
    expect(stdout.toString()).toBe('hi\n')
    expect(result).toMatchObject(ended(0, null))
  })

  test('the exit status is the process own', async () => {
    expect((await scene.run(['sh', '-c', 'exit 7'])).result).toMatchObject(ended(7, null))
  })

  test('a process that dies of a signal says so', async () => {
    expect((await scene.run(['sh', '-c', 'kill -USR1 $$'])).result).toMatchObject(ended(null, 'SIGUSR1'))
  })

  test('standard output and error stay apart', async () => {
    const { stdout, stderr } = await scene.run(['sh', '-c', 'echo out; echo err >&2'])
    expect([stdout.toString(), stderr.toString()]).toEqual(['out\n', 'err\n'])
  })

  test('/dev/stdout, /dev/stderr and /dev/stdin can be opened, as on any pipe', async () => {
    const script = 'cat /dev/stdin > /dev/stdout; echo err > /dev/stderr'
    const { stdout, stderr } = await scene.run(['sh', '-c', script], {
      stdin: Readable.from([Buffer.from('in\n')], BYTES),
    })
    expect([stdout.toString(), stderr.toString()]).toEqual(['in\n', 'err\n'])
  })

  test('arguments, environment, folder and umask arrive exactly', async () => {
    const argv = [
      'sh',
      '-c',
      'printf "[%s]" "$0" "$@"; pwd; umask; exec env',
      'a b',
      '',
      '$HOME',
      '"\n\u00e4',
    ]
    const env = { PATH: '/usr/bin:/bin', PWD: '/usr', 'dotted.name': 'x=y', EMPTY: '' }
    const { stdout } = await scene.run(argv, { spec: { cwd: '/usr', env, umask: 0o027 } })
    expect(stdout.toString()).toContain('[a b][][$HOME]["\n\u00e4]/usr\n0027\n')
  })

  test.each([
    ['plain', { PATH: '/usr/bin:/bin', PWD: '/tmp', A: '1' }],
    ['without PWD', { PATH: '/usr/bin:/bin' }],
    ['with names no shell keeps', { PATH: '/usr/bin:/bin', 'a.b': '1', 'BASH_FUNC_f%%': '() { :\n}' }],
    ['with names a shell sets itself', { PATH: '/usr/bin:/bin', PWD: '/tmp', PPID: 'x', OPTIND: 'y' }],
    ['empty values', { PATH: '/usr/bin:/bin', PWD: '/tmp', E: '' }],
  ])('the environment is the very same: %s', async (_name, env) => {
    const { stdout } = await scene.run(['env', '-0'], { spec: { env } })
    const lines = stdout.toString().split('\0').filter(Boolean).sort()
    expect(lines).toEqual(
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    )
  })

  test('the shield of the agent against the out-of-memory killer is not inherited', async () => {
    const { stdout } = await scene.run(['cat', '/proc/self/oom_score_adj'])
    expect(stdout.toString()).toBe('0\n')
  })

  test('a missing program, and one that may not run, are refused before anything starts', async () => {
    const missing = await scene.run(['no-such-program'])
    expect(missing.result).toMatchObject({ kind: 'refused', refusal: { kind: 'not-found' } })
    const denied = await scene.run(['/etc/passwd'])
    expect(denied.result).toMatchObject({ kind: 'refused', refusal: { kind: 'not-executable' } })
    expect(scene.service.running()).toEqual([])
  })

  test('arguments longer than the kernel takes are refused, and leave no descriptor open', async () => {
    const open = () => readdirSync('/proc/self/fd').length
    await scene.run(['true'])
    const before = open()
    const { result } = await scene.run(['true', 'x'.repeat(1 << 20)])
    expect(result).toMatchObject({ kind: 'refused', refusal: { message: expect.stringContaining('E2BIG') } })
    await until(() => open() <= before)
  })

  test('where the folder of home is missing, it runs in / and PWD says so', async () => {
    const spec = { cwd: '/no/such/folder', env: { PATH: '/usr/bin:/bin', PWD: '/no/such/folder', KEPT: '1' } }
    const { stdout, result } = await scene.run(['sh', '-c', 'pwd; echo "$PWD $KEPT"'], { spec })
    expect(result).toMatchObject({ kind: 'ended', ending: { exitStatus: 0 } })
    expect(stdout.toString()).toBe('/\n/ 1\n')
  })

  test('a ticket for more memory than the node has is refused with both numbers', async () => {
    const spec = specOf(['true'])
    const { result } = await scene.run(['true'], { grant: await scene.grant(spec, 2 ** 50) })
    expect(result).toMatchObject({ kind: 'refused', refusal: { code: 'GW_NODE_REFUSED' } })
    expect(JSON.stringify(result)).toMatch(/wants 1073741824 MiB, the node has \d+ MiB/)
  })

  test('100 MB go through unchanged', { timeout: 60_000 }, async () => {
    const chunk = randomBytes(1 << 20)
    const sent = createHash('sha256')
    function* chunks() {
      for (let index = 0; index < 100; index += 1) {
        chunk.writeUInt32BE(index)
        sent.update(chunk)
        yield Buffer.from(chunk)
      }
    }
    const { stdout } = await scene.run(['cat'], { stdin: Readable.from(chunks(), BYTES) })
    expect(stdout.length).toBe(100 << 20)
    expect(createHash('sha256').update(stdout).digest('hex')).toBe(sent.digest('hex'))
  })

  test.runIf(root)('another user is that user, with exactly these groups', async () => {
    const spec = { uid: 4242, gid: 4343, groups: [4343, 4444] }
    const script = 'id -u; id -g; id -G; echo ok > /dev/stdout'
    const { stdout } = await scene.run(['sh', '-c', script], { spec })
    expect(stdout.toString()).toBe('4242\n4343\n4343 4444\nok\n')
  })

  test.runIf(root)('a program named setpriv in a PATH of that user does not run as root', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'godwit-test-path-'))
    const trap = ['#!/bin/sh', `id -u > ${dir}/who`, 'exec /usr/bin/setpriv "$@"', ''].join('\n')
    for (const name of ['setpriv', 'env']) writeFileSync(join(dir, name), trap, { mode: 0o755 })
    const env = { PATH: `${dir}:/usr/bin:/bin`, PWD: '/tmp', 'dotted.name': 'x' }
    const spec = { uid: 4242, gid: 4343, groups: [], env }
    const { stdout } = await scene.run(['id', '-u'], { spec })
    expect([stdout.toString(), existsSync(join(dir, 'who'))]).toEqual(['4242\n', false])
    rmSync(dir, { recursive: true })
  })
})

describe('the life of a process', () => {
  test('SIGINT ends the whole group, children included', async () => {
    const { raise, running, home } = handle()
    const run = scene.run(['sh', '-c', 'sleep 1000 & echo $!; sleep 1000'], home)
    await running
    await sleep(100)
    raise('SIGINT')
    const { result, stdout } = await run
    expect(result).toMatchObject(ended(null, 'SIGINT'))
    await until(() => !alive(Number(stdout.toString())))
  })

  test('input that is never read does not hold up a signal', async () => {
    const { raise, running, home } = handle()
    const run = scene.run(['sleep', '1000'], { ...home, stdin: Readable.from([randomBytes(8 << 20)], BYTES) })
    await running
    raise('SIGTERM')
    expect((await run).result).toMatchObject(ended(null, 'SIGTERM'))
  })

  test('nothing is read from standard input before the process has started', async () => {
    const stdin = new PassThrough()
    stdin.end('for somebody else')
    await scene.run(['no-such-program'], { stdin })
    expect(stdin.read()?.toString()).toBe('for somebody else')
  })

  test('a child that outlives the process and holds its output is ended, and what it wrote is kept', async () => {
    const script = 'echo first; (trap "" HUP TERM INT; sleep 1000) & echo $!'
    const { result, stdout } = await scene.run(['sh', '-c', script])
    const [first, pid] = stdout.toString().split('\n')
    expect([result, first]).toMatchObject([ended(0, null), 'first'])
    await until(() => !alive(Number(pid)))
  })

  test('a deputy that vanishes takes the process and its children along', async () => {
    const spec = specOf(['sh', '-c', 'sleep 1000 & sleep 1000'])
    const grant = await scene.grant(spec)
    const connection = await connectDirect(grant, { timeoutMs: 5000 })
    const before = scene.service.running().length
    const { encodeJsonFrame } = await import('../../../protocol/frame-codec.ts')
    connection.write(encodeJsonFrame('start', { ticket: grant.ticket, spec }))
    await until(() => scene.service.running().length === before + 1)
    const pid = scene.service.running().at(-1)?.pid ?? 0
    connection.destroy()
    await until(() => !alive(pid) && scene.service.running().length === before)
    expect(scene.facts.at(-1)).toMatchObject({ type: 'process-ended', ending: { signal: 'SIGTERM' } })
  })

  test('start and end are told once each, with the peak of threads', async () => {
    const { result } = await scene.run(['sh', '-c', 'sleep 0.3 & sleep 0.3 & sleep 0.3 & wait'])
    const [started, finished] = scene.facts.slice(-2)
    expect(started).toMatchObject({ type: 'process-started' })
    expect(finished).toMatchObject({ type: 'process-ended', id: started?.id, ending: { exitStatus: 0 } })
    expect(result.kind === 'ended' && result.usage.peakThreads).toBe(4)
  })

  test('the link can kill a process by name, and is told when there is none', async () => {
    const { running, home } = handle()
    const run = scene.run(['sleep', '1000'], home)
    await running
    const id = scene.service.running().at(-1)?.id ?? ''
    expect(scene.service.kill(id, 'SIGNONSENSE')).toBe('no signal SIGNONSENSE here')
    expect(scene.service.kill(id, 'SIGKILL')).toBeUndefined()
    expect((await run).result).toMatchObject(ended(null, 'SIGKILL'))
    expect(scene.service.kill(id, 'SIGKILL')).toBe('no such process')
  })
})

describe('who may start what', () => {
  test('a ticket works once', async () => {
    const grant = await scene.grant(specOf(['true']))
    expect((await scene.run(['true'], { grant })).result).toMatchObject(ended(0, null))
    expect((await scene.run(['true'], { grant })).result).toMatchObject({
      kind: 'refused',
      refusal: { code: 'GW_TICKET_USED' },
    })
  })

  test('a ticket is for one command', async () => {
    const grant = await scene.grant(specOf(['true']))
    const { result } = await scene.run(['false'], { grant })
    expect(result).toMatchObject({ kind: 'refused', refusal: { code: 'GW_TICKET_INVALID' } })
  })

  test('a deputy does not talk to an agent of another cluster, or to another node', async () => {
    const grant = await scene.grant(specOf(['true']))
    const foreign = { ...grant, node: { ...grant.node, id: 'n-ffffffffffff' as typeof grant.node.id } }
    await expect(connectDirect(foreign, { timeoutMs: 5000 })).rejects.toThrow(/n-ffffffffffff/)
    const { result } = await scene.run(['true'], { grant: foreign })
    expect(result).toMatchObject({ kind: 'lost', phase: 'connect' })
  })

  test('TLS runs over any stream', async () => {
    const grant = await scene.grant(specOf(['true']))
    const socket = await secure(connectTcp(grant.node.port, '127.0.0.1'), grant, { timeoutMs: 5000 })
    expect(socket.authorized).toBe(true)
    socket.destroy()
  })

  test('a way on which nobody answers is given up in time', async () => {
    const grant = await scene.grant(specOf(['true']))
    const [near, far] = duplexPair()
    await expect(secure(near, grant, { timeoutMs: 50 })).rejects.toThrow('did not answer in 50 ms')
    expect(near.destroyed).toBe(true)
    far.destroy()
  })

  test('a refused deputy that does not hang up is hung up on', async () => {
    const { node } = await scene.grant(specOf(['true']))
    const { encodeJsonFrame } = await import('../../../protocol/frame-codec.ts')
    const where = { host: '127.0.0.1', port: node.port, allowHalfOpen: true, rejectUnauthorized: false }
    const deputy = connectTls(where).resume()
    const closed = new Promise(resolve => deputy.once('error', resolve).once('close', resolve))
    deputy.write(encodeJsonFrame('start', { ticket: 'none', spec: specOf(['true']) }))
    const pokes = setInterval(() => deputy.write(encodeJsonFrame('signal', { signal: 'SIGINT' })), 100)
    await closed
    clearInterval(pokes)
    expect(scene.lines.at(-1)).toContain('deputy refused')
  })

  test('octets that are no frames end the connection, and are logged', async () => {
    const grant = await scene.grant(specOf(['true']))
    const connection = await connectDirect(grant, { timeoutMs: 5000 })
    const closed = new Promise(resolve => connection.once('close', resolve))
    connection.on('error', () => undefined).resume()
    connection.write('GET / HTTP/1.1\r\n\r\n')
    await closed
    expect(scene.lines.at(-1)).toContain('GW_BAD_MESSAGE')
  })
})

test('input ends the moment the process has it all: half-close is passed on', async () => {
  const { result, stdout } = await scene.run(['wc', '-c'], { stdin: empty() })
  expect([result, stdout.toString().trim()]).toMatchObject([ended(0, null), '0'])
})

test.each([
  ['is checked', (close: () => void) => close()],
  ['was checked', (close: () => void) => void setImmediate(close)],
])('an agent that ends while a ticket %s leaves no process behind', async (_name, when) => {
  const ending: Scene = await openScene(gate => ({
    ...gate,
    async use(ticket, spec) {
      const result = await gate.use(ticket, spec)
      when(() => {
        closed = ending.service.close()
      })
      return result
    },
  }))
  let closed = Promise.resolve()
  const { result } = await ending.run(['sleep', '1000'])
  await closed
  expect(result).toMatchObject(
    result.kind === 'refused' ? { refusal: { code: 'GW_NODE_REFUSED' } } : ended(null, 'SIGTERM'),
  )
  expect(ending.service.running()).toEqual([])
  await ending.close()
})
