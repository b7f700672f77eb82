import { afterEach, describe, expect, it } from 'vitest'
import { readRequest } from './octets.ts'
import type { Rig } from './tftp-rig.ts'
import { memoryFiles, RawClient, startRig } from './tftp-rig.ts'

const ACK = (block: number): string => `\x00\x04${String.fromCharCode(block >> 8, block & 0xff)}`
const DATA = (block: number, data: string): string => `\x00\x03\x00${String.fromCharCode(block)}${data}`
const TEXT = 'a\nb'
const FILES = {
  x: Buffer.from('x'.repeat(700)),
  'boot/x': Buffer.from('boot'),
  text: Buffer.from(TEXT),
  empty: Buffer.of(),
}

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})
async function rig(...options: Parameters<typeof startRig>): Promise<Rig> {
  const started = await startRig(...options)
  opened.push(started)
  return started
}
async function client(): Promise<RawClient> {
  const raw = await RawClient.open()
  opened.push(raw)
  return raw
}

describe('a stranger', () => {
  it('C134 is told ERROR 5, and the transfer goes on', async () => {
    const { port, ended, counted } = await rig(memoryFiles(FILES))
    const [raw, stranger] = [await client(), await client()]
    raw.send(readRequest('x', 'octet'), port)
    const { port: own } = await raw.next()
    stranger.send(ACK(1), own)
    expect((await stranger.next()).text).toBe('\x00\x05\x00\x05unknown transfer ID\x00')
    raw.send(ACK(1), own)
    expect((await raw.next()).text).toBe(DATA(2, 'x'.repeat(188)))
    raw.send(ACK(2), own)
    expect(await ended(1)).toMatchObject([{ outcome: 'complete' }])
    expect(counted).toEqual(['from a foreign port'])
  })

  it('C135 is not answered when it sends an ERROR, nor is a client, whatever its text', async () => {
    const { port, ended, counted } = await rig(memoryFiles(FILES))
    const [raw, stranger] = [await client(), await client()]
    raw.send(readRequest('x', 'octet'), port)
    const { port: own } = await raw.next()
    for (const text of ['die\x00', 'no NUL', 'x'.repeat(1400)]) stranger.send(`\x00\x05\x00\x00${text}`, own)
    stranger.send('\x00\x05\x00\x05\x00', port)
    await expect.poll(() => counted.length).toBe(4)
    raw.send(`\x00\x05\x00\x03${'x'.repeat(1400)}`, own)
    const [end] = await ended(1)
    expect(end).toMatchObject({ outcome: 'aborted', reason: `client: error 3 ${'x'.repeat(128)}` })
    expect([stranger.waiting, raw.waiting]).toEqual([0, 0])
  })

  it('is nobody to speak of when its transfer has just ended', async () => {
    const { port, ended, counted } = await rig(memoryFiles(FILES))
    const raw = await client()
    raw.send(readRequest('empty', 'octet'), port)
    const { port: own } = await raw.next()
    for (let time = 0; time < 3; time++) raw.send(ACK(1), own)
    expect(await ended(1)).toMatchObject([{ outcome: 'complete' }])
    await expect.poll(() => counted).toEqual(Array(2).fill('after the end of its transfer'))
    expect(raw.waiting).toBe(0)
  })
})
