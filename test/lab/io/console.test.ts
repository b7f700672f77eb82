import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { attachConsole } from '../../../lab/io/console.ts'

let folder = ''
let socketPath = ''
let machine: Server
let typed = ''
let serialPort: Promise<Socket>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-test-'))
  socketPath = join(folder, 'console.sock')
  typed = ''
  serialPort = new Promise(resolve => {
    machine = createServer(socket => {
      socket.on('data', chunk => {
        typed += chunk
      })
      socket.on('error', () => undefined)
      socket.write('login: ')
      resolve(socket)
    })
  })
  await new Promise<void>(resolve => machine.listen(socketPath, resolve))
})
afterEach(async () => {
  machine.close()
  await rm(folder, { recursive: true, force: true })
})

/** Streams like a terminal's (or a pipe's), and the raw modes that were set on it. */
function streams(isTTY: boolean) {
  const rawModes: boolean[] = []
  const input = Object.assign(new PassThrough(), {
    isTTY,
    setRawMode(mode: boolean) {
      rawModes.push(mode)
      return input
    },
  })
  return { input, output: new PassThrough(), rawModes }
}

const never = new AbortController().signal
const shown = (output: PassThrough) => String(output.read() ?? '')

test('at a terminal Ctrl-] leaves, what was typed before it arrives, and the terminal is as it was', async () => {
  const terminal = streams(true)
  const session = attachConsole(socketPath, terminal, never)
  const socket = await serialPort
  const arrived = new Promise(resolve => socket.once('close', resolve))
  await new Promise(resolve => terminal.output.once('readable', resolve))
  terminal.input.write('root\x1dnot this')
  expect(await session).toBe('left')
  await arrived
  expect(typed).toBe('root')
  expect(terminal.rawModes).toEqual([true, false])
})

test('through a pipe everything is copied, Ctrl-] too, until the machine goes off', async () => {
  const pipe = streams(false)
  const session = attachConsole(socketPath, pipe, never)
  pipe.input.end('a\x1db')
  const socket = await serialPort
  await new Promise(resolve => socket.once('data', resolve))
  socket.end('bye')
  expect(await session).toBe('closed')
  expect(typed).toBe('a\x1db')
  expect(shown(pipe.output)).toBe('login: bye')
  expect(pipe.rawModes).toEqual([])
})

test('an abort leaves', async () => {
  const abort = new AbortController()
  const session = attachConsole(socketPath, streams(true), abort.signal)
  await serialPort
  abort.abort()
  expect(await session).toBe('left')
})

test('a machine that is off is said to be', async () => {
  const session = attachConsole(join(folder, 'nowhere'), streams(false), never)
  await expect(session).rejects.toThrow(/console cannot be opened.*lab status/)
})
