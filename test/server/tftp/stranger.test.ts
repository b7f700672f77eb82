import { describe, expect, it } from 'vitest'
import { readRequest } from './octets.ts'
import { ACK, DATA, FILES, opensForEachTest } from './served.ts'
import { memoryFiles } from './tftp-rig.ts'

const { rig, client } = opensForEachTest()

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
