import type { Socket } from 'node:dgram'
import { constants } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { type Libc, loadLibc } from '../../../../server/io/native/libc.ts'
import { openDatagrams } from '../../../../server/tftp/io/batched-datagrams.ts'
import type { Datagrams } from '../../../../server/tftp/io/datagrams.ts'
import { openUdp } from '../../../../server/tftp/io/udp.ts'
import { LOOPBACK } from '../tftp-rig.ts'

const { EAGAIN, EINTR, EIO, ENOBUFS, EPERM } = constants.errno
const real = loadLibc()
if (real === undefined) console.warn('skipped: this system has no calls beyond those of Node')

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

/** Datagrams of a socket, another socket to talk with, and what was counted. */
async function pair(libc: Libc | undefined) {
  const trouble: string[] = []
  const socket = await openUdp(LOOPBACK, 0)
  const datagrams = openDatagrams(socket, libc && { libc }, reason => trouble.push(reason))
  const other: Socket = await openUdp(LOOPBACK, 0)
  opened.push(datagrams, other)
  const heard: string[] = []
  other.on('message', bytes => heard.push(bytes.toString('latin1')))
  return { datagrams, other, heard, trouble, peer: { address: LOOPBACK, port: other.address().port } }
}

/** The real calls, but `sendmmsg` gives the next of `results` first: a negated errno instead of sending, 0 to send. */
function refusing(libc: Libc, ...results: number[]) {
  const counts: number[] = []
  const sendmmsg: Libc['sendmmsg'] = (descriptor, headers, count, flags) => {
    counts.push(count)
    return results.shift() || libc.sendmmsg(descriptor, headers, count, flags)
  }
  return { libc: { ...libc, sendmmsg }, counts }
}

function sendAll(
  datagrams: Datagrams,
  peer: Parameters<Datagrams['send']>[1],
  texts: readonly string[],
): void {
  for (const text of texts) datagrams.send(Buffer.from(text, 'latin1'), peer)
}

const WINDOW = Array.from({ length: 16 }, (_, index) => String.fromCharCode(index).repeat(1432))

describe('batched datagrams', { skip: real === undefined }, () => {
  const libc = real as Libc

  it('send the window of one peer as one message, which arrives as its datagrams in order', async () => {
    const { libc: counting, counts } = refusing(libc)
    const { datagrams, peer, heard, trouble } = await pair(counting)
    sendAll(datagrams, peer, [...WINDOW, 'short', 'next'])
    expect(counts).toEqual([])
    await expect.poll(() => heard.length).toBe(18)
    expect(heard).toEqual([...WINDOW, 'short', 'next'])
    expect(counts).toEqual([2])
    expect(trouble).toEqual([])
  })

  it('send to each peer what is meant for it', async () => {
    const { datagrams, other, peer, heard } = await pair(libc)
    const third = await openUdp(LOOPBACK, 0)
    opened.push(third)
    const heardByThird: string[] = []
    third.on('message', bytes => heardByThird.push(bytes.toString()))
    for (const text of ['a', 'b', 'c']) {
      datagrams.send(Buffer.from(text), peer)
      datagrams.send(Buffer.from(text.toUpperCase()), { address: LOOPBACK, port: third.address().port })
    }
    await expect
      .poll(() => [heard, heardByThird])
      .toEqual([
        ['a', 'b', 'c'],
        ['A', 'B', 'C'],
      ])
    expect(other.address().port).toBe(peer.port)
  })

  it('send more than one call can take', async () => {
    const { datagrams, peer, heard } = await pair(libc)
    const texts = Array.from({ length: 300 }, (_, index) => `${index} `.padEnd(900 + (index % 2), 'x'))
    sendAll(datagrams, peer, texts)
    await expect.poll(() => heard.length).toBe(300)
    expect(heard).toEqual(texts)
  })

  it.each([
    ['EIO', EIO],
    ['EINVAL', constants.errno.EINVAL],
    ['ENOPROTOOPT', constants.errno.ENOPROTOOPT],
  ])('send one by one, from now on, when the kernel cannot cut (%s)', async (_, error) => {
    const { libc: strict, counts } = refusing(libc, -error)
    const { datagrams, peer, heard, trouble } = await pair(strict)
    sendAll(datagrams, peer, WINDOW)
    await expect.poll(() => heard.length).toBe(16)
    sendAll(datagrams, peer, WINDOW)
    await expect.poll(() => heard.length).toBe(32)
    expect(heard).toEqual([...WINDOW, ...WINDOW])
    expect(counts).toEqual([1, 8, 8])
    expect(trouble).toEqual([])
  })

  it.each([
    ['EAGAIN', EAGAIN],
    ['ENOBUFS', ENOBUFS],
    ['EINTR', EINTR],
  ])('lose nothing and keep the order when the kernel says %s', async (_, error) => {
    const { datagrams, peer, heard, trouble } = await pair(refusing(libc, -error, 0, -error).libc)
    const texts = ['long one', 'short', 'longer than that', 'x']
    sendAll(datagrams, peer, texts)
    await expect.poll(() => heard).toEqual(texts)
    expect(trouble).toEqual([])
  })

  it('count what is not sent, and send the rest', async () => {
    const { datagrams, peer, heard, trouble } = await pair(refusing(libc, -EPERM).libc)
    sendAll(datagrams, peer, ['lost', 'not lost'])
    await expect.poll(() => heard).toEqual(['not lost'])
    expect(trouble).toEqual(['not sent: EPERM'])
  })

  it('take all that waits, in order, short and long, each with its sender', async () => {
    const { datagrams, other } = await pair(libc)
    const texts = Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(index % 3 === 0 ? 4 : 600, '.'))
    const got: string[] = []
    const from = new Set<string>()
    datagrams.listen((bytes, { address, port }) => {
      got.push(Buffer.from(bytes).toString())
      from.add(`${address}:${port}`)
    })
    for (const text of texts) other.send(text, datagrams.port, LOOPBACK)
    await expect.poll(() => got.length).toBe(100)
    expect(got).toEqual(texts)
    expect([...from]).toEqual([`${LOOPBACK}:${other.address().port}`])
  })

  it('answer to a batch by one call', async () => {
    const { libc: counting, counts } = refusing(libc)
    const { datagrams, other, heard } = await pair(counting)
    datagrams.listen((bytes, from) => datagrams.send(bytes, from))
    for (let index = 0; index < 20; index += 1) other.send(`${index}`.padStart(4), datagrams.port, LOOPBACK)
    await expect.poll(() => heard.length).toBe(20)
    expect(counts.length).toBeLessThan(20)
  })

  it('do nothing any more once closed, from within a batch too', async () => {
    const { libc: counting, counts } = refusing(libc)
    const { datagrams, other, trouble } = await pair(counting)
    const got: string[] = []
    const closed = new Promise<void>(resolve => {
      datagrams.listen((bytes, from) => {
        got.push(`${bytes.length}`)
        void datagrams.close().then(resolve)
        datagrams.send(bytes, from)
      })
    })
    for (let index = 0; index < 5; index += 1) other.send('ping', datagrams.port, LOOPBACK)
    await closed
    opened.splice(opened.indexOf(datagrams), 1)
    expect([got, counts, trouble]).toEqual([['4'], [], []])
  })
})

describe.each([
  ['by Node alone', undefined],
  ['in batches', real],
])('datagrams %s', (_, libc) => {
  it('count what the system refuses, by its name, and go on', async () => {
    const { datagrams, peer, heard, trouble } = await pair(libc)
    datagrams.send(Buffer.from('x'), { address: '255.255.255.255', port: 9 })
    datagrams.send(Buffer.from('fine'), peer)
    await expect.poll(() => heard).toEqual(['fine'])
    await expect.poll(() => trouble).toEqual(['not sent: EACCES'])
  })
})
