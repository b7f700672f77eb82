import { readdir } from 'node:fs/promises'
import { afterEach, expect, it } from 'vitest'
import { readRequest } from './octets.ts'
import { LOOPBACK, memoryFiles, RawClient, startRig } from './tftp-rig.ts'

const FILES = { x: Buffer.from('x'.repeat(5000)) }
const FIRST_DATA = `\x00\x03\x00\x01${'x'.repeat(512)}`

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

/** Real time in which the server looks at its transfers at least once. */
const aTick = () => new Promise(resolve => setTimeout(resolve, 15))

/** Sockets and files this process has open. */
const openDescriptors = async () => (await readdir('/proc/self/fd')).length

it('F28 requests that overran other servers do ours no harm', async () => {
  const rig = await startRig(memoryFiles(FILES))
  const raw = await RawClient.open()
  opened.push(rig, raw)
  const long = 'x'.repeat(500)
  const values = ['-1', '+5', ' 5', '0x10', '1e3', '', '9'.repeat(500)]
  const seeds = [
    '\x00\x01',
    '\x00\x01name without NUL',
    readRequest(long, 'octet'),
    readRequest('x', long),
    readRequest('missing', 'octet', Array(200).fill(['o', '1'])),
    ...values.map(value => readRequest('missing', 'octet', [['blksize', value]])),
    '\x00\x01missing\x00octet\x00blksize\x00',
    `\x00\x01${long.repeat(3)}`,
    '',
  ]
  for (const seed of seeds) raw.send(seed, rig.port)
  const last = await RawClient.open()
  opened.push(last)
  last.send(readRequest('x', 'octet'), rig.port)
  expect((await last.next()).text).toBe(FIRST_DATA)
  expect(rig.transfers).toEqual([])
})

it('C146 a flood from forged senders takes no sockets, few sessions, and gets six packets each at most', async () => {
  const SENDERS = 300
  const clock = { nowMs: 0 }
  const limits = { maxTransfers: 64, maxTransfersPerClient: 8 }
  const rig = await startRig(memoryFiles(FILES), limits, { clock: () => clock.nowMs })
  opened.push(rig)
  const senders = await Promise.all(
    Array.from({ length: SENDERS }, (_, index) =>
      RawClient.open(LOOPBACK, `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`),
    ),
  )
  opened.push(...senders)
  const descriptors = await openDescriptors()
  for (const [index, sender] of senders.entries()) {
    sender.send(readRequest('x', 'octet', [['windowsize', '16']]), rig.port)
    if (index % 50 === 49) await aTick()
  }
  await expect.poll(() => rig.transfers.length, { timeout: 5000 }).toBe(SENDERS - 64)
  expect(await openDescriptors()).toBeLessThan(descriptors + 5)

  // Somebody real is served all the same: one that never answered makes room.
  const real = await RawClient.open()
  opened.push(real)
  real.send(readRequest('x', 'octet'), rig.port)
  const first = await real.next()
  expect(first.text).toBe(FIRST_DATA)

  for (; clock.nowMs <= 40_000; clock.nowMs += 1000) await aTick()
  expect(rig.transfers.length).toBe(SENDERS + 1)
  const packets = senders.map(sender => sender.takeAll().filter(text => !text.startsWith('\x00\x05')))
  expect(Math.max(...packets.map(each => each.length))).toBe(6)
  expect(new Set(packets.flat())).toEqual(new Set(['\x00\x06windowsize\x0016\x00']))
}, 20_000)
