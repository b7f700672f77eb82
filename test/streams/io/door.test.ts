import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RunGrant } from '../../../protocol/admin.ts'
import { readFailure } from '../../../streams/door-frames.ts'
import type { PlaceAnswer } from '../../../streams/door-session.ts'
import { FRAME, type Frame, frameOf } from '../../../streams/frame.ts'
import { createFrameReader } from '../../../streams/frame-reader.ts'
import type { Channel, ChannelUser } from '../../../streams/io/channel.ts'
import type { PlaceQuestion } from '../../../streams/io/door.ts'
import { DEPUTIES_PER_DOOR, type Doors, openDoors } from '../../../streams/io/doors.ts'
import { readUserDatabase, watchUserDatabase } from '../../../streams/io/users.ts'
import { readRefusal } from '../../../streams/refusal.ts'
import { encodeTagged } from '../../../streams/tagged.ts'
import { silentLog } from '../../fakes/silent-log.ts'

const SELF = process.geteuid?.() ?? 0
const ADA = { name: 'ada', uid: 4242, gid: 4242, groups: [4242] }
const grant = RunGrant.parse({
  process: 'p-0000000001',
  node: { id: 'n-525400770001', name: 'node-1', address: '10.77.0.50', port: 7444 },
  ticket: 'the ticket',
  caPem: 'x',
  server: { hostBootId: '', netNamespace: '' },
  reason: '',
})
const asked = [
  ['A', 'true'],
  ['C', '/'],
  ['u', SELF],
  ['g', process.getegid?.() ?? 0],
  ['G', ''],
] as const
const request = frameOf(FRAME.request, encodeTagged(asked))
const shimRequest = frameOf(FRAME.request, encodeTagged([...asked, ['O', 'shim=1']]))

let runDir: string
let doors: Doors
let questions: PlaceQuestion[]
let refusals: string[]
let channels: { readonly sent: Frame[]; readonly user: ChannelUser; closed: boolean; full: boolean }[]
let place: (question: PlaceQuestion) => PlaceAnswer | undefined
let givenUp: number

beforeEach(async () => {
  runDir = mkdtempSync(join(tmpdir(), 'godwit-test-door-'))
  questions = []
  refusals = []
  channels = []
  givenUp = 0
  place = () => ({ kind: 'grant', grant })
  doors = await openDoors({
    runDir,
    queue: QUEUE,
    watchUsers: onUsers => {
      onUsers(new Map([...readUserDatabase(), [ADA.uid, ADA]]))
      return () => undefined
    },
    place(question, answer) {
      questions.push(question)
      const given = place(question)
      if (given !== undefined) answer(given)
      return () => {
        givenUp += 1
      }
    },
    refused: async (_, { message }) => void refusals.push(message),
    links: {
      async open(_, user) {
        const channel = { sent: [] as Frame[], user, closed: false, full: false }
        channels.push(channel)
        const opened: Channel = {
          send: frame => void channel.sent.push({ ...frame, payload: Uint8Array.from(frame.payload) }),
          close: () => {
            channel.closed = true
          },
          isFull: () => channel.full,
          heard: () => 0,
        }
        return opened
      },
      pause: () => undefined,
      close: () => undefined,
    },
    log: silentLog,
  })
})
afterEach(async () => {
  await doors.close()
  rmSync(runDir, { recursive: true, force: true })
})

/** Two may wait, for half a second. */
const QUEUE = { waiting: 2, patienceMs: 500 }

async function comeIn(): Promise<{ readonly socket: Socket; readonly got: Frame[] }> {
  const socket = connect(join(runDir, 'users', `${SELF}`, 'run.sock'))
  await once(socket, 'connect')
  const reader = createFrameReader()
  const got: Frame[] = []
  socket.on('data', bytes => void got.push(...reader.push(bytes).frames))
  socket.on('error', () => undefined)
  return { socket, got }
}

async function until(look: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !look(); turn += 1) await sleep(5)
  expect(look()).toBe(true)
}

const typesOf = (frames: readonly Frame[]) => frames.map(({ type }) => type)

describe('a door', () => {
  test('is in a folder that only its user may enter', () => {
    const folder = statSync(join(runDir, 'users', `${SELF}`))
    expect([folder.mode & 0o777, folder.uid]).toEqual([0o700, SELF])
  })

  test('is given to its user once it is there; who is not root opens only their own', async () => {
    const folder = join(runDir, 'users', `${ADA.uid}`)
    const isTheirs = () => existsSync(join(folder, 'run.sock')) && statSync(folder).uid === ADA.uid
    if (SELF === 0) await until(isTheirs)
    else expect(existsSync(folder)).toBe(false)
  })

  test('asks with the digest of the request, hands the very request on, and relays until the end', async () => {
    const { socket, got } = await comeIn()
    socket.write(request.bytes)
    await until(() => channels[0]?.sent.length === 1)
    expect(questions[0]?.specSha256).toBe(createHash('sha256').update(request.payload).digest('hex'))
    expect(Buffer.from(channels[0]?.sent[0]?.payload ?? [])).toEqual(Buffer.from(request.payload))
    channels[0]?.user.onFrame(frameOf(FRAME.started, encodeTagged([['p', 1]])))
    channels[0]?.user.onFrame(frameOf(FRAME.stdout, Uint8Array.of(1, 2)))
    socket.write(frameOf(FRAME.stdin, Uint8Array.of(3)).bytes)
    await until(() => channels[0]?.sent.length === 2)
    const closed = once(socket, 'close')
    channels[0]?.user.onFrame(frameOf(FRAME.ended, encodeTagged([['s', 0]])))
    await closed
    expect(typesOf(got)).toEqual([FRAME.ready, FRAME.placed, FRAME.started, FRAME.stdout, FRAME.ended])
    expect(channels[0]?.closed).toBe(true)
  })

  test('closes the run when its deputy is gone', async () => {
    const { socket } = await comeIn()
    socket.write(request.bytes)
    await until(() => channels.length === 1 && channels[0]?.sent.length === 1)
    socket.destroy()
    await until(() => channels[0]?.closed === true)
  })

  test('tells of a refusal before it asks again', async () => {
    const { socket, got } = await comeIn()
    place = ({ after }) => {
      if (after !== undefined) expect(refusals).toEqual(['full'])
      return { kind: 'grant', grant }
    }
    socket.write(request.bytes)
    await until(() => channels[0]?.sent.length === 1)
    channels[0]?.user.onFrame(
      frameOf(
        FRAME.refused,
        encodeTagged([
          ['k', 'refused'],
          ['M', 'full'],
        ]),
      ),
    )
    await until(() => channels[1]?.sent.length === 1)
    expect(questions[1]?.after?.process).toBe(grant.process)
    await until(() => typesOf(got).length === 3)
    expect(typesOf(got)).toEqual([FRAME.ready, FRAME.placed, FRAME.placed])
    socket.destroy()
  })

  test('reads no more of a deputy while the link is full', async () => {
    const { socket } = await comeIn()
    socket.write(request.bytes)
    await until(() => channels[0]?.sent.length === 1)
    const [channel] = channels
    if (channel === undefined) throw new Error('no channel')
    channel.user.onFrame(frameOf(FRAME.started, encodeTagged([['p', 1]])))
    channel.full = true
    const chunk = frameOf(FRAME.stdin, new Uint8Array(64 << 10)).bytes
    for (let count = 0; count < 200; count += 1) socket.write(chunk)
    await sleep(100)
    const taken = channel.sent.length
    expect(taken).toBeLessThan(100)
    channel.full = false
    channel.user.onRoom()
    await until(() => channel.sent.length === 201)
    socket.destroy()
  })

  test('cuts off a deputy that takes nothing of what it gave credit for', async () => {
    const { socket } = await comeIn()
    socket.write(request.bytes)
    await until(() => channels[0]?.sent.length === 1)
    socket.pause()
    channels[0]?.user.onFrame(frameOf(FRAME.started, encodeTagged([['p', 1]])))
    const chunk = frameOf(FRAME.stdout, new Uint8Array(64 << 10))
    for (let count = 0; count < 200; count += 1) channels[0]?.user.onFrame(chunk)
    await until(() => channels[0]?.closed === true)
    socket.destroy()
  })

  test('says why to a deputy whose request it does not understand', async () => {
    const { socket, got } = await comeIn()
    const closed = once(socket, 'close')
    socket.write(frameOf(FRAME.request, Uint8Array.from([...request.payload, 0x5a, 0])).bytes)
    await closed
    expect(got.slice(1).map(({ payload }) => readFailure(payload))).toEqual([
      { status: 125, code: 'GW_BAD_MESSAGE', message: expect.stringContaining('there is no field "Z"') },
    ])
  })

  test('lets whom it has no room for wait, in turn, and turns away with a word who waited long', async () => {
    const inside: Awaited<ReturnType<typeof comeIn>>[] = []
    while (inside.length < DEPUTIES_PER_DOOR) inside.push(await comeIn())
    const [second, third] = [await comeIn(), await comeIn()]
    await sleep(50)
    expect([second.got, third.got]).toEqual([[], []])
    inside[0]?.socket.destroy()
    await until(() => second.got.length === 1)
    second.socket.write(request.bytes)
    await until(() => questions.length === 1)
    await once(third.socket, 'close')
    expect(third.got.map(({ payload }) => readRefusal(payload))).toEqual([
      { kind: 'refused', code: 'GW_DOOR_FULL', message: expect.stringContaining('1024 programs') },
    ])
    for (const { socket } of [...inside, second]) socket.destroy()
  })

  test('turns away at once who finds no room to wait, and lets others in when there is', async () => {
    const inside: Awaited<ReturnType<typeof comeIn>>[] = []
    while (inside.length < DEPUTIES_PER_DOOR + QUEUE.waiting) inside.push(await comeIn())
    const late = await comeIn()
    late.socket.write(request.bytes)
    await once(late.socket, 'close')
    expect(late.got.map(({ payload }) => readRefusal(payload))).toMatchObject([{ code: 'GW_DOOR_FULL' }])
    expect(questions).toEqual([])
    const [waitingNow] = inside.slice(DEPUTIES_PER_DOOR)
    inside[0]?.socket.destroy()
    await until(() => waitingNow?.got.length === 1)
    const next = await comeIn()
    inside[1]?.socket.destroy()
    inside[2]?.socket.destroy()
    next.socket.write(request.bytes)
    await until(() => questions.length === 1)
    for (const { socket } of [...inside, next]) socket.destroy()
  })

  test('sends a shim home that the server does not answer, and takes its question back', async () => {
    place = () => undefined
    const { socket, got } = await comeIn()
    const closed = once(socket, 'close')
    const sinceMs = performance.now()
    socket.write(shimRequest.bytes)
    await closed
    expect(performance.now() - sinceMs).toBeGreaterThan(1900)
    expect(typesOf(got)).toEqual([FRAME.ready, FRAME.home])
    expect(givenUp).toBe(1)
  })

  test('lets a shim wait that the server has told to', async () => {
    place = () => ({ kind: 'waiting', message: 'for memory' })
    const { socket, got } = await comeIn()
    socket.write(shimRequest.bytes)
    await sleep(2200)
    expect(typesOf(got)).toEqual([FRAME.ready, FRAME.notice])
    socket.destroy()
    await until(() => givenUp === 1)
  })

  test('drops a deputy that says something else', async () => {
    const { socket } = await comeIn()
    const closed = once(socket, 'close')
    socket.resume().write('GET / HTTP/1.1\r\n\r\n')
    await closed
    expect(questions).toEqual([])
  })
})

test('the users of this machine are told at once', () => {
  const told: number[] = []
  watchUserDatabase(users => void told.push(users.size))()
  expect(told).toEqual([readUserDatabase().size])
})
