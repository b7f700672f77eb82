import { createHash, randomBytes } from 'node:crypto'
import { type Duplex, duplexPair } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { RunGrant } from '../../../protocol/admin.ts'
import { FRAME, type Frame, frameOf, signalFrame } from '../../../streams/frame.ts'
import type { Channel, ChannelUser } from '../../../streams/io/channel.ts'
import { createLinks, type Links } from '../../../streams/io/link-client.ts'
import { createLinkServer } from '../../../streams/io/link-server.ts'
import { LINK_TIME, type LinkTime } from '../../../streams/io/link-time.ts'
import { PULSE_MS } from '../../../streams/link-health.ts'
import { silentLog } from '../../fakes/silent-log.ts'

const grant = RunGrant.parse({
  process: 'p-0000000001',
  node: { id: 'n-525400770001', name: 'node-1', address: '10.77.0.50', port: 7444 },
  ticket: 'the ticket',
  caPem: 'x',
  server: { hostBootId: '', netNamespace: '' },
  reason: '',
})

/** A home and a node with a cable between them that can be cut and pulled; time is the test's. */
function openScene(accept: (ticket: string, channel: Channel) => ChannelUser) {
  const cables: Duplex[] = []
  const clock = { nowMs: 1_000_000 }
  let isCut = false
  let isHung = false
  let connections = 0
  let tries = 0
  const beats = { node: new Set<() => void>(), home: new Set<() => void>() }
  const timeOf = (side: keyof typeof beats): LinkTime => ({
    now: () => clock.nowMs,
    pulse(beat) {
      beats[side].add(beat)
      return () => beats[side].delete(beat)
    },
  })
  const pass = (sides: readonly (keyof typeof beats)[], timeMs: number): void => {
    for (let leftMs = timeMs; leftMs > 0; leftMs -= PULSE_MS) {
      clock.nowMs += Math.min(leftMs, PULSE_MS)
      for (const side of sides) for (const beat of [...beats[side]]) beat()
    }
  }
  const node = createLinkServer({ accept, time: timeOf('node'), log: silentLog })
  const links: Links = createLinks({
    time: timeOf('home'),
    log: silentLog,
    async connect(_grant, signal) {
      tries += 1
      if (isHung)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      if (isCut) throw new Error('EHOSTUNREACH')
      connections += 1
      const [near, far] = duplexPair()
      near.on('error', () => undefined)
      cables.push(near, far)
      node.take(far)
      return near
    },
  })
  const breakAll = () => {
    for (const cable of cables.splice(0)) cable.destroy()
  }
  return {
    links,
    /** Time passes, and each end looks at its watch. */
    pass: (timeMs: number) => pass(['node', 'home'], timeMs),
    /** The same where the home does nothing in that time. */
    passOnNode: (timeMs: number) => pass(['node'], timeMs),
    connections: () => connections,
    tries: () => tries,
    /** The connection breaks, and every try to make another one is left without an answer. */
    hang() {
      isHung = true
      breakAll()
    },
    /** Time passes in which neither side does anything. */
    freeze(timeMs: number) {
      clock.nowMs += timeMs
    },
    /** Both ends see the connection close; a new one can be made at once, or not before `join`. */
    breakAll,
    cut() {
      isCut = true
      breakAll()
    },
    join() {
      isCut = false
    },
    close() {
      links.close()
      node.close()
    },
  }
}

async function until(look: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1500 && !look(); turn += 1) await sleep(10)
  expect(look()).toBe(true)
}

function collector() {
  const frames: Frame[] = []
  const ends: (string | undefined)[] = []
  const user: ChannelUser = {
    onFrame: frame => void frames.push({ ...frame, payload: Uint8Array.from(frame.payload) }),
    onClosed: lost => void ends.push(lost),
    onRoom: () => undefined,
  }
  return { frames, ends, user }
}

/** A far side that tells when a run has come to it. */
function watched() {
  const seen = collector()
  let channels = 0
  const accept = () => {
    channels += 1
    return seen.user
  }
  return { ...seen, accept, isOpen: () => channels > 0 }
}

describe('a link', () => {
  test('carries many runs on one connection, each with its ticket', async () => {
    const tickets: string[] = []
    const scene = openScene((ticket, channel) => {
      tickets.push(ticket)
      return { ...collector().user, onFrame: frame => channel.send(frame), onClosed: () => undefined }
    })
    const homes = Array.from({ length: 20 }, collector)
    await Promise.all(
      homes.map(async ({ user }, index) => {
        const channel = await scene.links.open({ ...grant, ticket: `ticket ${index}` }, user)
        channel.send(frameOf(FRAME.stdin, Uint8Array.of(index)))
      }),
    )
    await until(() => homes.every(({ frames }) => frames.length === 1))
    expect(homes.map(({ frames }) => frames[0]?.payload[0])).toEqual(homes.map((_, index) => index))
    expect(tickets.sort()).toEqual(homes.map((_, index) => `ticket ${index}`).sort())
    expect(scene.connections()).toBe(1)
    scene.close()
  })

  test('loses and doubles nothing when its connections break again and again', async () => {
    const sums = { sent: createHash('sha256'), got: createHash('sha256') }
    let gotBytes = 0
    const scene = openScene(() => ({
      onFrame({ payload }) {
        sums.got.update(payload)
        gotBytes += payload.length
      },
      onClosed: () => undefined,
      onRoom: () => undefined,
    }))
    let room: (() => void) | undefined
    const channel = await scene.links.open(grant, { ...collector().user, onRoom: () => room?.() })
    const total = 300
    for (let index = 0; index < total; index += 1) {
      const payload = randomBytes(8 << 10)
      sums.sent.update(payload)
      channel.send(frameOf(FRAME.stdin, payload))
      if (index % 30 === 29) scene.breakAll()
      if (channel.isFull())
        await new Promise<void>(resolve => {
          room = resolve
        })
      else await sleep(0)
    }
    await until(() => gotBytes >= total * (8 << 10))
    expect(gotBytes).toBe(total * (8 << 10))
    expect(sums.got.digest('hex')).toBe(sums.sent.digest('hex'))
    expect(scene.connections()).toBeGreaterThan(5)
    scene.close()
  })

  test('tells who sends too much to wait, and when to go on', async () => {
    const scene = openScene(() => collector().user)
    const seen = collector()
    let room = 0
    const channel = await scene.links.open(grant, {
      ...seen.user,
      onRoom: () => {
        room += 1
      },
    })
    scene.cut()
    let frames = 0
    for (; !channel.isFull(); frames += 1) channel.send(frameOf(FRAME.stdin, new Uint8Array(64 << 10)))
    expect(frames).toBeLessThan(200)
    expect(room).toBe(0)
    scene.join()
    await until(() => room === 1)
    expect(seen.ends).toEqual([])
    scene.close()
  })

  test('whose sides are overloaded, but hear each other between two looks at the clock, is kept as it is', async () => {
    const far = watched()
    const scene = openScene(far.accept)
    const near = collector()
    const channel = await scene.links.open(grant, near.user)
    for (let turn = 1; turn <= 4; turn += 1) {
      channel.send(signalFrame(15)) // is acknowledged at once: so both sides are heard
      await sleep(20)
      scene.freeze(6000)
      scene.pass(PULSE_MS)
    }
    expect([scene.connections(), near.ends, far.ends]).toEqual([1, [], []])
    scene.close()
  })

  test('that a home leaves is over on both sides at once', async () => {
    const far = watched()
    const scene = openScene(far.accept)
    const near = collector()
    await scene.links.open(grant, near.user)
    await until(far.isOpen)
    scene.links.close()
    await until(() => far.ends.length === 1)
    expect([near.ends, far.ends]).toEqual([['the home is ending'], ['it has given up this link']])
    scene.close()
  })

  test('whose home is stopped for a while and says so is kept', async () => {
    const far = watched()
    const scene = openScene(far.accept)
    const near = collector()
    await scene.links.open(grant, near.user)
    await until(far.isOpen)
    scene.links.pause()
    await sleep(20)
    scene.passOnNode(60_000)
    expect(far.ends).toEqual([])
    scene.close()
  })

  test('whose home is killed while it is stopped ends its runs all the same', async () => {
    const far = watched()
    const scene = openScene(far.accept)
    await scene.links.open(grant, collector().user)
    await until(far.isOpen)
    scene.links.pause()
    await sleep(20)
    scene.passOnNode(60_000)
    scene.cut()
    await until(() => {
      scene.passOnNode(PULSE_MS)
      return far.ends.length > 0
    })
    expect(far.ends).toEqual(['nothing was heard of it for 12 s'])
    scene.close()
  })

  test('whose break lasts longer than 12 s ends its runs on both sides, and the next run makes another', async () => {
    const far = watched()
    const scene = openScene(far.accept)
    const near = collector()
    const channel = await scene.links.open(grant, near.user)
    await until(far.isOpen)
    scene.cut()
    scene.pass(11_999)
    channel.send(signalFrame(15))
    await sleep(50)
    expect([near.ends, far.ends]).toEqual([[], []])
    scene.pass(1)
    await until(() => near.ends.length === 1 && far.ends.length === 1)
    scene.join()
    const again = collector()
    await scene.links.open(grant, again.user)
    expect(scene.connections()).toBe(2)
    expect([near.frames, far.frames]).toEqual([[], []])
    scene.close()
  })

  test('gives up the connection it is making when it is over, and starts nothing on the node then', async () => {
    const far = watched()
    const scene = openScene(far.accept)
    const near = collector()
    await scene.links.open(grant, near.user)
    await until(far.isOpen)
    scene.hang()
    await until(() => scene.tries() === 2)
    // The first run may have been heard of over there; this one cannot.
    const late = collector()
    const opening = expect(scene.links.open(grant, late.user)).rejects.toThrow('over')
    scene.pass(12_000)
    await opening
    expect([near.ends, late.ends]).toEqual([['nothing was heard of it for 12 s'], []])
    scene.close()
  })

  test('that is being made is given up in time, and at once when its home ends', async () => {
    const scene = openScene(() => collector().user)
    scene.hang()
    const silent = expect(scene.links.open(grant, collector().user)).rejects.toThrow('12 s')
    scene.pass(12_000)
    await silent
    const ending = expect(scene.links.open(grant, collector().user)).rejects.toThrow('ending')
    scene.close()
    await ending
  })

  test.each([
    ['looks at its watch', (scene: ReturnType<typeof openScene>) => scene.passOnNode(PULSE_MS)],
    ['reads what lies there', (_: unknown, channel: Channel) => channel.send(frameOf(FRAME.stdinEnd))],
  ])(
    'whose node stood still for 12 s is over when it goes on, be it that it first %s',
    async (_how, goOn) => {
      const far = watched()
      const scene = openScene(far.accept)
      const near = collector()
      const channel = await scene.links.open(grant, near.user)
      await until(far.isOpen)
      scene.freeze(12_000)
      goOn(scene, channel)
      await until(() => far.ends.length === 1 && near.ends.length === 1)
      expect([near.ends, far.ends, far.frames]).toEqual([
        ['it has given up this link'],
        ['this node stood still for more than 12 s'],
        [],
      ])
      scene.close()
    },
  )

  test('to a node that cannot be reached is no link, and is tried anew by the next run', async () => {
    const scene = openScene(() => collector().user)
    scene.cut()
    await expect(scene.links.open(grant, collector().user)).rejects.toThrow('EHOSTUNREACH')
    scene.join()
    await scene.links.open(grant, collector().user)
    scene.close()
  })

  test('ends a run where either side closes its channel, and hears nothing of it after', async () => {
    const far = collector()
    let theirs: Channel | undefined
    const scene = openScene((_, channel) => {
      theirs = channel
      return far.user
    })
    const near = collector()
    const channel = await scene.links.open(grant, near.user)
    await until(() => theirs !== undefined)
    theirs?.send(frameOf(FRAME.stdout, Uint8Array.of(1)))
    theirs?.close()
    theirs?.send(frameOf(FRAME.stdout, Uint8Array.of(2)))
    await until(() => near.ends.length === 1)
    channel.send(frameOf(FRAME.stdin, Uint8Array.of(3)))
    await sleep(20)
    expect([near.ends, near.frames.length, far.frames, far.ends]).toEqual([[undefined], 1, [], []])
    scene.close()
  })

  test('takes no stranger: octets that are no greeting, or a link it does not know', async () => {
    const scene = openScene(() => collector().user)
    const node = createLinkServer({ accept: () => collector().user, time: LINK_TIME, log: silentLog })
    const [near, far] = duplexPair()
    const closed = new Promise(resolve => far.once('close', resolve))
    node.take(far)
    near.write('GET / HTTP/1.1\r\n\r\n')
    await closed
    scene.close()
    node.close()
  })
})
