import type { Socket } from 'node:dgram'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { descriptorOf } from '../../../../server/io/native/descriptor.ts'
import { type Libc, loadLibc } from '../../../../server/io/native/libc.ts'
import { openDatagrams } from '../../../../server/tftp/io/batched-datagrams.ts'
import { Linger } from '../../../../server/tftp/io/linger.ts'
import { openUdp } from '../../../../server/tftp/io/udp.ts'
import { LOOPBACK } from '../tftp-rig.ts'

const real = loadLibc()
if (real === undefined) console.warn('skipped: this system has no calls beyond those of Node')

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

/** The length of a turn before it was made short. */
const USUAL_NS = 1_400_000n

/** What a poll finds: datagrams for us, something for the event loop alone, or silence. */
type Found = 'ours' | 'other' | 'nothing'

/** A loop that was idle before each datagram, and a `poll` that finds what it is told, then nothing. */
async function lingering(finds: readonly Found[]) {
  const socket = await openUdp(LOOPBACK, 0)
  opened.push(socket)
  socket.send('to itself', socket.address().port, LOOPBACK)
  await once(socket, 'message')
  const left = [...finds]
  const calls = { poll: 0, take: 0, idleMs: 0, nowMs: 0, datagrams: 1, onTake: () => {} }
  const poll: Libc['poll'] = (entries, count) => {
    const found = left.shift() ?? 'nothing'
    calls.poll += 1
    expect(count).toBe(2)
    new DataView(entries.buffer).setInt16(14, found === 'ours' ? 1 : 0, true)
    return found === 'nothing' ? 0 : 1
  }
  const slices: bigint[] = []
  const schedGetattr: Libc['schedGetattr'] = attributes => {
    new DataView(attributes.buffer).setBigUint64(24, USUAL_NS, true)
    return 0
  }
  const schedSetattr: Libc['schedSetattr'] = attributes => {
    slices.push(new DataView(attributes.buffer).getBigUint64(24, true))
    return 0
  }
  const libc = { ...(real as Libc), poll, schedGetattr, schedSetattr }
  const linger = new Linger(libc, { nowMs: () => calls.nowMs, idleMs: () => ++calls.idleMs })
  linger.begin()
  const takeWaiting = (): number => {
    calls.take += 1
    calls.onTake()
    return calls.datagrams
  }
  opened.push({ close: () => linger.rest() })
  return { linger, calls, slices, member: { descriptor: descriptorOf(socket) ?? -1, takeWaiting } }
}

/** A client in a thread of its own, which sends one datagram for each answer, `count` in all. */
async function pingPong(port: number, count: number): Promise<void> {
  const program = `
    const { parentPort } = require('node:worker_threads')
    const socket = require('node:dgram').createSocket('udp4')
    let answers = 0
    socket.on('message', () => ++answers < ${count} ? ping() : socket.close(() => parentPort.postMessage('done')))
    const ping = () => socket.send('ping', ${port}, '${LOOPBACK}')
    ping()`
  const worker = new Worker(program, { eval: true, execArgv: [] })
  await once(worker, 'message')
  await worker.terminate()
}

describe('lingering', { skip: real === undefined }, () => {
  it('takes what comes, as long as something does', async () => {
    const { linger, calls, member } = await lingering(['ours', 'ours', 'ours'])
    linger.after(member)
    expect(calls).toMatchObject({ poll: 4, take: 3 })
  })

  it('goes back to the event loop when that has something else to do', async () => {
    const { linger, calls, member } = await lingering(['ours', 'other', 'ours'])
    linger.after(member)
    expect(calls).toMatchObject({ poll: 2, take: 1 })
  })

  it('goes back when an answer needs a turn of the loop, and stays next time', async () => {
    const { linger, calls, member } = await lingering(['ours', 'ours', 'ours', 'ours'])
    calls.onTake = () => linger.needTurn()
    linger.after(member)
    expect(calls).toMatchObject({ poll: 1, take: 1 })
    calls.onTake = () => {}
    linger.after(member)
    expect(calls).toMatchObject({ poll: 5, take: 4 })
  })

  it('lets others have what came for them while one is busy, but none that was silent for long', async () => {
    const { linger, calls, member: busy } = await lingering([])
    const takes = { other: 0, silent: 0 }
    const member = (name: 'other' | 'silent', datagrams: number) => ({
      descriptor: -1,
      takeWaiting: () => {
        takes[name] += 1
        return datagrams
      },
    })
    linger.after(member('silent', 0))
    calls.nowMs = 40
    linger.after(member('other', 1))
    linger.after(busy)
    linger.serveOthers(busy)
    expect([calls.take, takes]).toEqual([0, { other: 1, silent: 1 }])
    calls.nowMs = 60
    linger.serveOthers(busy)
    calls.nowMs = 95
    linger.serveOthers(busy)
    expect([calls.take, takes]).toEqual([0, { other: 3, silent: 1 }])
  })

  it('does not begin when the first answer needs a turn', async () => {
    const { linger, calls, member } = await lingering(['ours'])
    linger.needTurn()
    linger.after(member)
    expect(calls.poll).toBe(0)
  })

  it('does not begin when the loop had no time to wait: it has other things to do', async () => {
    const { linger, calls, member } = await lingering(['ours'])
    calls.idleMs = -1
    linger.after(member)
    expect(calls.poll).toBe(0)
  })

  it('lets the event loop have its turn after 6 ms, however much comes', async () => {
    const { linger, calls, member } = await lingering(Array<Found>(100).fill('ours'))
    calls.onTake = () => (calls.nowMs += 1)
    linger.after(member)
    expect(calls).toMatchObject({ poll: 6, take: 6 })
  })

  it('takes the way of the event loop when many come at once', async () => {
    const { linger, calls, member } = await lingering(Array<Found>(3).fill('ours'))
    calls.datagrams = 17
    linger.after(member)
    expect(calls).toMatchObject({ poll: 1, take: 1 })
    calls.datagrams = 16
    linger.after(member)
    expect(calls).toMatchObject({ poll: 4, take: 3 })
  })

  it('has the thread run in short turns from its beginning until it rests or many come at once', async () => {
    const { linger, calls, member, slices } = await lingering(['ours', 'ours', 'nothing', 'ours'])
    linger.after(member)
    expect(slices).toEqual([500_000n])
    linger.rest()
    linger.rest()
    expect(slices).toEqual([500_000n, USUAL_NS])
    linger.after(member)
    expect(slices.length).toBe(2)
    linger.begin()
    calls.datagrams = 17
    linger.after(member)
    expect(slices).toEqual([500_000n, USUAL_NS, 500_000n, USUAL_NS])
  })

  it('leaves to the event loop who was silent for 50 ms', async () => {
    const { linger, calls, member } = await lingering(['nothing', 'ours'])
    linger.after({ ...member, takeWaiting: () => expect.unreachable() })
    calls.nowMs += 51
    linger.after(member)
    expect(calls).toMatchObject({ poll: 3, take: 1 })
  })

  it('leaves it to the event loop where that cannot be watched', async () => {
    const { linger, calls } = await lingering(['ours'])
    linger.after({ descriptor: 0x7fff_ffff, takeWaiting: () => 0 })
    expect(calls.poll).toBe(0)
  })

  it('answers a client far away without the event loop, which still does all else', async () => {
    let found = 0
    const poll: Libc['poll'] = (...args) => {
      const result = (real as Libc).poll(...args)
      if (result > 0) found += 1
      return result
    }
    const libc = { ...(real as Libc), poll }
    const socket: Socket = await openUdp(LOOPBACK, 0)
    const linger = new Linger(libc)
    linger.begin()
    const datagrams = openDatagrams(socket, { libc, linger }, () => {})
    opened.push(datagrams, { close: () => linger.rest() })
    let byLoop = 0
    socket.on('message', () => (byLoop += 1))
    datagrams.listen((bytes, from) => datagrams.send(bytes, from))
    let ticks = 0
    const timer = setInterval(() => (ticks += 1), 5)
    for (let round = 0; round < 20 && ticks === 0; round += 1) await pingPong(datagrams.port, 500)
    clearInterval(timer)
    expect(ticks).toBeGreaterThan(0)
    expect(found).toBeGreaterThan(100)
    expect(byLoop).toBeLessThan(400)
  })
})
