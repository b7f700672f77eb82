import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFrameReader } from '../../streams/frame-reader.ts'
import { readRequest } from '../../streams/request.ts'
import { frameBytes } from './frame-bytes.ts'
import { buildNative, whyNoNative } from './relay.ts'

/** Starts a command without what our own parent may have left open: with such a descriptor a shim stays at home. */
const BARE =
  'for fd in /proc/self/fd/*; do fd=${fd##*/}; [ $fd -gt 2 ] && eval "exec $fd>&-"; done; exec "$@"'

describe.skipIf(whyNoNative() !== undefined)('the argument files of a java command', () => {
  let deputy: string
  let folder: string
  beforeAll(() => {
    deputy = join(buildNative(), 'godwit-deputy')
    folder = mkdtempSync(join(tmpdir(), 'godwit-args-'))
    writeFileSync(join(folder, 'run.args'), '-Xmx1g "-jar" app.jar\n')
    writeFileSync(join(folder, 'large.args'), 'x'.repeat((64 << 10) + 1))
    writeFileSync(join(folder, 'binary.args'), 'a\0b')
    for (const name of ['folder', 'bin', 'shims', 'users', `users/${process.getuid?.()}`])
      mkdirSync(join(folder, name))
    execFileSync('mkfifo', [join(folder, 'fifo')])
    symlinkSync('/bin/true', join(folder, 'bin/java'))
    symlinkSync(deputy, join(folder, 'shims/java'))
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  /** What a deputy called so sends of them to its door. */
  async function sent(command: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const path = join(folder, 'users', `${process.getuid?.()}`, 'run.sock')
    const server = createServer()
    await new Promise<void>(resolve => server.listen(path, resolve))
    const asked = new Promise<Uint8Array>(resolve => {
      server.once('connection', socket => {
        const reader = createFrameReader()
        socket.on('error', () => undefined)
        socket.write(frameBytes(37))
        socket.on('data', (bytes: Uint8Array) => {
          for (const { payload } of reader.push(bytes).frames) resolve(payload)
        })
      })
    })
    const PATH = `${folder}/shims:${folder}/bin:/usr/bin:/bin`
    const child = spawn('bash', ['-c', BARE, 'bash', ...command], {
      cwd: folder,
      env: { PATH, GODWIT_RUN: folder, ...env },
      stdio: 'ignore',
    })
    const run = readRequest(await asked, [])
    child.kill('SIGKILL')
    await new Promise(resolve => {
      server.close(resolve)
    })
    if (run.kind === 'violation') throw new Error(run.reason)
    return run.argFiles
  }
  const run = (line: string, env: Readonly<Record<string, string>> = {}) =>
    sent([deputy, 'run', '--', ...line.split(' ')], env)
  const text = '-Xmx1g "-jar" app.jar\n'

  it('go to the door of a shim', async () => {
    expect(await sent(['java', '-ea', '@run.args', 'x'])).toEqual({ 'run.args': text })
  })

  it('go to the door of godwit run, wherever its java stands', async () => {
    expect(await run(`/opt/jdk/bin/java @${folder}/run.args`)).toEqual({ [`${folder}/run.args`]: text })
    expect(await run('nice -n 5 java @run.args')).toEqual({ 'run.args': text })
    expect(await run('java Main', { JDK_JAVA_OPTIONS: '-ea @run.args' })).toEqual({ 'run.args': text })
  })

  it.each(['cat @run.args', 'java --disable-@files @run.args', 'java @@run.args', 'java @'])(
    '%j has none',
    async line => expect(await run(line)).toEqual({}),
  )

  it.each(['gone', 'large.args', 'binary.args', 'folder', 'fifo'])('%s is left out', async name => {
    expect(await run(`java @${name} Main`)).toEqual({})
  })

  it('are no more than sixteen', async () => {
    const many = Array.from({ length: 40 }, (_, index) => `@./${'./'.repeat(index)}run.args`)
    expect(Object.keys(await run(`java ${many.join(' ')} Main`))).toHaveLength(16)
  })
})
