import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FRAME } from '../../streams/frame.ts'
import { createFrameReader } from '../../streams/frame-reader.ts'
import { isShim, readRequest } from '../../streams/request.ts'
import { command } from './command.ts'
import { frameBytes, taggedBytes } from './frame-bytes.ts'
import { buildNative, until, whyNoNative } from './relay.ts'

describe.skipIf(whyNoNative() !== undefined)('a deputy whose door', () => {
  let deputy: string
  let folder: string
  let server: Server
  let asked: Promise<Socket>
  const argv = (...command: readonly string[]) => ['run', `--door=${join(folder, 'door')}`, '--', ...command]

  beforeAll(() => {
    deputy = join(buildNative(), 'godwit-deputy')
  }, 60_000)
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'godwit-native-door-'))
    server = createServer()
    asked = whenAsked(server)
    await new Promise<void>(resolve => server.listen(join(folder, 'door'), resolve))
  })
  afterEach(() => {
    server.close()
    rmSync(folder, { recursive: true })
  })

  it('tells of a start a moment after a signal came hands it on to the process', async () => {
    const child = spawn(deputy, argv('true'))
    const door = await asked
    const signals: number[] = []
    const reader = createFrameReader()
    door.on('data', (bytes: Uint8Array) => {
      for (const { type, payload } of reader.push(bytes).frames)
        if (type === FRAME.signal) signals.push(payload[0] ?? 0)
    })
    child.kill('SIGUSR1')
    child.kill('SIGTERM')
    await new Promise(resolve => setTimeout(resolve, 20))
    door.write(frameBytes(35, taggedBytes(['Pp-1'])))
    door.write(frameBytes(16, taggedBytes(['p1'])))
    await until(() => signals.length === 2)
    expect(signals.sort()).toEqual([constants.signals.SIGUSR1, constants.signals.SIGTERM].sort())
    door.write(frameBytes(21, taggedBytes(['s5'])))
    expect(await once(child, 'exit')).toEqual([5, null])
  })

  it('tells of no start has no say in what a signal does', async () => {
    const child = spawn(deputy, argv('true'))
    const door = await asked
    const closed = once(door.resume(), 'close')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([null, 'SIGTERM'])
    await closed
  })

  it('is gone after the end does not burn the processor until its output is read', async () => {
    const child = spawn(deputy, argv('true'))
    const door = await asked
    door.write(frameBytes(35, taggedBytes(['Pp-1'])))
    door.write(frameBytes(16, taggedBytes(['p1'])))
    for (let count = 0; count < 4; count += 1) door.write(frameBytes(18, new Uint8Array(60_000)))
    await new Promise(resolve => door.write(frameBytes(21, taggedBytes(['s5'])), resolve))
    const sleeps = async () => {
      let asleep = 0
      await until(() => {
        asleep = isAsleep(child.pid) ? asleep + 1 : 0
        return asleep === 30
      })
    }
    // It has said all that it has to say: what a closed socket has not read yet is a reset to its peer (unix(7)).
    await sleeps()
    door.destroy()
    await sleeps()
    let sizeBytes = 0
    child.stdout.on('data', (bytes: Uint8Array) => (sizeBytes += bytes.length))
    const [status] = await once(child, 'close')
    expect([sizeBytes, status]).toEqual([240_000, 5])
  })

  it.each([
    [
      'says that the process is lost',
      frameBytes(34, taggedBytes(['x255', 'cGW_NODE_LOST', 'Mlost it'])),
      'lost it',
    ],
    ['breaks', new Uint8Array(0), 'the connection to the process is lost'],
  ])('%s does not wait for a reader who takes nothing', async (_how, last, said) => {
    const child = spawn(deputy, argv('true'))
    const door = await asked
    door.write(frameBytes(35, taggedBytes(['Pp-1'])))
    door.write(frameBytes(16, taggedBytes(['p1'])))
    for (let count = 0; count < 4; count += 1) door.write(frameBytes(18, new Uint8Array(60_000)))
    // What has to wait for the output must not keep it from seeing the end.
    door.write(frameBytes(23, Uint8Array.of(1)))
    const startedAtMs = performance.now()
    door.end(last)
    let text = ''
    child.stderr.on('data', bytes => (text += bytes))
    const [status] = await once(child, 'exit')
    expect(performance.now() - startedAtMs).toBeLessThan(2500)
    child.stdout.destroy()
    if (child.stderr.readable) await once(child.stderr, 'end')
    expect([status, text]).toEqual([255, expect.stringContaining(said)])
  })

  it('is slow, but at work, is waited for longer than one that says nothing', async () => {
    const child = spawn(deputy, argv('echo', 'here'))
    const door = await asked
    const ended = once(child, 'close')
    let text = ''
    child.stdout.on('data', bytes => (text += bytes))
    // Its patience is 10 s, from each of these.
    for (let count = 0; count < 3; count += 1) {
      await new Promise(resolve => setTimeout(resolve, 4000))
      door.write(frameBytes(37, new Uint8Array(0)))
    }
    door.write(frameBytes(32, taggedBytes(['Mhome'])))
    expect(await ended).toEqual([0, null])
    expect(text).toBe('here\n')
  })

  it('lets it wait outlives a signal that is ignored (nohup)', async () => {
    const child = spawn('sh', ['-c', 'trap "" HUP; exec "$@"', 'sh', deputy, ...argv('echo', 'here')])
    const door = await asked
    const ended = once(child, 'close')
    const text = { out: '', err: '' }
    child.stdout.on('data', bytes => (text.out += bytes))
    child.stderr.on('data', bytes => (text.err += bytes))
    door.write(frameBytes(33, taggedBytes(['Mwaiting'])))
    await until(() => text.err === 'godwit: waiting\n')
    child.kill('SIGHUP')
    door.write(frameBytes(32, taggedBytes(['Mhome'])))
    expect(await ended).toEqual([0, null])
    expect(text.out).toBe('here\n')
  })
})

/** A door that is slow to say "ready". */
const READY_AFTER_MS = 60
/** Closes what whoever runs the tests has left open: with a strange descriptor a shim stays at home. */
const ALONE = `for fd in /proc/$$/fd/*; do fd=\${fd##*/}; [ $fd -le 2 ] || eval "exec $fd>&-"; done; exec "$@"`

describe.skipIf(whyNoNative() !== undefined)('a shim', () => {
  let folder: string
  let shim: string
  let server: Server | undefined
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'godwit-native-shim-'))
    shim = join(folder, 'echo')
    symlinkSync(join(buildNative(), 'godwit-deputy'), shim)
    mkdirSync(join(folder, 'users/0'), { recursive: true })
  }, 60_000)
  afterEach(() => server?.close())
  afterAll(() => rmSync(folder, { recursive: true }))

  const open = (serve: (socket: Socket) => void) => {
    server = createServer(socket => {
      socket.on('error', () => undefined)
      serve(socket)
    })
    return new Promise<void>(resolve => server?.listen(join(folder, 'users/0/run.sock'), resolve))
  }
  const echo = async () => {
    const sinceMs = performance.now()
    const outcome = await command(['bash', '-c', ALONE, 'bash', shim, 'here'], {
      env: { GODWIT_RUN: folder },
    })
    return { ...outcome, tookMs: performance.now() - sinceMs }
  }

  it('without a door runs its program at once', async () => {
    expect(await echo()).toMatchObject({ status: 0, stdout: 'here\n', stderr: '' })
  })

  it('asks nothing of a door that is stuck, and runs its program', async () => {
    const heard: Uint8Array[] = []
    await open(socket => void socket.on('data', (bytes: Uint8Array) => heard.push(bytes)))
    const outcome = await echo()
    expect(outcome).toMatchObject({ status: 0, stdout: 'here\n', stderr: '' })
    expect(outcome.tookMs).toBeGreaterThan(190)
    expect(heard).toEqual([])
  })

  it('asks what a door understands, and says which process is to become the program', async () => {
    const frames: Uint8Array[] = []
    await open(socket => {
      const reader = createFrameReader()
      socket.write(frameBytes(37))
      socket.on('data', (bytes: Uint8Array) => {
        frames.push(...reader.push(bytes).frames.map(({ payload }) => Uint8Array.from(payload)))
        if (frames.length > 0) socket.end(frameBytes(34, taggedBytes(['x9'])))
      })
    })
    const { status } = await echo()
    const asked = readRequest(frames[0] ?? new Uint8Array(), [])
    expect([status, asked]).toMatchObject([
      9,
      { kind: 'asked', argv: [shim, 'here'], pid: expect.any(Number) },
    ])
    if (asked.kind === 'asked') expect(isShim(asked)).toBe(true)
  })

  it('hears a door that has no room for it', async () => {
    await open(socket => void socket.end(frameBytes(34, taggedBytes(['x9', 'Mfull']))))
    expect(await echo()).toMatchObject({ status: 9, stdout: '', stderr: 'godwit: full\n' })
  })

  it('waits for a door that is slow but served', async () => {
    await open(socket => {
      setTimeout(() => socket.write(frameBytes(37)), READY_AFTER_MS)
      socket.once('data', () => setTimeout(() => socket.end(frameBytes(34, taggedBytes(['x9']))), 600))
    })
    expect(await echo()).toMatchObject({ status: 9, stdout: '' })
  })
})

/** The next deputy's connection, as soon as it has asked. */
function whenAsked(server: Server): Promise<Socket> {
  return new Promise(resolve => {
    server.once('connection', socket => {
      const reader = createFrameReader()
      socket.write(frameBytes(37))
      socket.on('error', () => undefined)
      socket.on('data', (bytes: Uint8Array) => {
        if (reader.push(bytes).frames.length > 0) resolve(socket)
      })
    })
  })
}

/** Whether a process sleeps (proc_pid_stat(5)); one that wants the processor and waits for it does not. */
function isAsleep(pid = 0): boolean {
  return / S /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
}
