import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ControlRequest } from '../../../lab/control.ts'
import { controlLab } from '../../../lab/io/control-client.ts'
import { serveControl } from '../../../lab/io/control-server.ts'
import { waitForSocket } from '../../../lab/io/sockets.ts'

let folder = ''
let controlSocket = ''
let server: Server
let running = 0
let most = 0
const seen: ControlRequest[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'godwit-test-'))
  controlSocket = join(folder, 'lab.sock')
  seen.length = 0
  server = await serveControl(controlSocket, async request => {
    running += 1
    most = Math.max(most, running)
    await new Promise(setImmediate)
    running -= 1
    seen.push(request)
    if (request.op === 'restart-server') throw new Error('the server ended with status 1.')
    return 'name' in request && request.name ? request.name : 'bios7'
  })
})
afterEach(async () => {
  server.close()
  await rm(folder, { recursive: true, force: true })
})

const up = () => ({ state: 'up', controlSocket }) as const

/** Sends raw text; resolves with all that came back when the other side hangs up or after one line. */
function send(text: string): Promise<string> {
  return new Promise(resolve => {
    const socket = createConnection(controlSocket, () => socket.write(text))
    let answer = ''
    socket.on('data', chunk => {
      answer += chunk
      if (answer.endsWith('\n')) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })
}

test('a request is done and answered by the name of what it was about', async () => {
  expect(await controlLab(up(), { op: 'power-off', name: 'uefi1' })).toBe('uefi1')
  expect(await controlLab(up(), { op: 'add-machine', firmware: 'bios' })).toBe('bios7')
  expect(seen).toEqual([
    { op: 'power-off', name: 'uefi1' },
    { op: 'add-machine', firmware: 'bios' },
  ])
})

test('requests are handled one at a time, whoever sends them', async () => {
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(names.map(name => controlLab(up(), { op: 'power-on', name })))
  expect(seen).toHaveLength(4)
  expect(most).toBe(1)
})

test('what goes wrong comes back as one sentence', async () => {
  await expect(controlLab(up(), { op: 'restart-server' })).rejects.toThrow(
    'The lab did not do it: the server ended with status 1. See',
  )
})

test.each(['down', 'starting', 'crashed'] as const)('a lab that is %s is not asked', async state => {
  const request = { op: 'restart-server' } as const
  await expect(controlLab({ state, controlSocket }, request)).rejects.toThrow(`The lab is ${state}`)
})

test('a supervisor that cannot be reached is named', async () => {
  const nowhere = { state: 'up', controlSocket: join(folder, 'nowhere') } as const
  await expect(controlLab(nowhere, { op: 'restart-server' })).rejects.toThrow(/cannot be reached.*ENOENT/)
})

test('bad lines are refused, the next one is served, a flood is cut off', async () => {
  expect(await send('nonsense\n')).toBe('{"kind":"refused","reason":"the line is not JSON"}\n')
  expect(await send('x'.repeat(100_000))).toBe('')
  expect(await send('{"op":"power-on","name":"a"}\n')).toBe('{"kind":"done","name":"a"}\n')
})

test('waiting for a socket ends when it listens, when its owner is gone, and in time', async () => {
  const never = new AbortController().signal
  expect(await waitForSocket(controlSocket, 'listening', 5000, never)).toBe(true)
  expect(await waitForSocket(controlSocket, 'greeting', 60, never)).toBe(false)
  expect(await waitForSocket(join(folder, 'nowhere'), 'listening', 60, never)).toBe(false)
  expect(await waitForSocket(join(folder, 'nowhere'), 'listening', 60_000, AbortSignal.abort())).toBe(false)
  expect(await waitForSocket(controlSocket, 'greeting', 60_000, AbortSignal.timeout(20))).toBe(false)
})
