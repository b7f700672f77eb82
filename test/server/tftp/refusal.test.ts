import { describe, expect, it } from 'vitest'
import { readRequest } from './octets.ts'
import { ACK, DATA, FILES, opensForEachTest } from './served.ts'
import { memoryFiles } from './tftp-rig.ts'

const { rig, client } = opensForEachTest()

describe('a refusal', () => {
  const refusals = [
    ['a missing file', readRequest('nix', 'octet'), '\x00\x05\x00\x01file not found\x00'],
    ['a way out', readRequest('../../etc/passwd', 'octet'), '\x00\x05\x00\x02path leaves the root\x00'],
    ['an empty name', readRequest('', 'octet'), '\x00\x05\x00\x01empty file name\x00'],
  ] as const
  it.each(refusals)('answers %s with one ERROR and counts it', (_, request, answer) =>
    refused(request, answer),
  )

  it.each(['mail', 'image', ''])('C140 answers mode "%s" with ERROR 4', mode =>
    refused(readRequest('x', mode), '\x00\x05\x00\x04unknown mode\x00'),
  )

  it('C138 answers a write with one ERROR', () =>
    refused('\x00\x02up\x00octet\x00', '\x00\x05\x00\x02writes not allowed\x00'))

  async function refused(request: string, answer: string): Promise<void> {
    const { port, counted } = await rig(memoryFiles(FILES))
    const raw = await client()
    raw.send(request, port)
    const error = await raw.next()
    expect(error.text).toBe(answer)
    expect(error.port).not.toBe(port)
    expect(counted).toEqual([`refused: ${answer.slice(4, -1)}`])
  }

  it('C144 of a missing file comes within 50 ms', async () => {
    const { port } = await rig(memoryFiles(FILES))
    const raw = await client()
    const times: number[] = []
    for (let time = 0; time < 5; time++) {
      const startedAtMs = performance.now()
      raw.send(readRequest(`nix${time}`, 'octet'), port)
      expect((await raw.next()).text).toBe('\x00\x05\x00\x01file not found\x00')
      times.push(performance.now() - startedAtMs)
    }
    expect(Math.min(...times)).toBeLessThan(50)
  })

  it('says nothing of what went wrong inside', async () => {
    const { port } = await rig(() => Promise.reject(new Error('EIO: /srv/secret')))
    const raw = await client()
    raw.send(readRequest('x', 'octet'), port)
    expect((await raw.next()).text).toBe('\x00\x05\x00\x00internal error\x00')
  })

  it('is given five times a second to one address', async () => {
    const { port, counted } = await rig(memoryFiles(FILES), {}, { now: () => 0 })
    const raw = await client()
    for (let time = 0; time < 20; time++) raw.send('\x00\x02up\x00octet\x00', port)
    raw.send(readRequest('empty', 'octet'), port)
    for (let time = 0; time < 5; time++) expect((await raw.next()).text).toMatch(/writes not allowed/)
    expect((await raw.next()).text).toBe(DATA(1, ''))
    expect(counted.filter(reason => reason === 'dropped: too many complaints').length).toBe(15)
  })

  it('F32 is silence for everything that is no request, DATA and OACK too', async () => {
    const { port, counted } = await rig(memoryFiles(FILES))
    const raw = await client()
    for (const stray of ['', 'x', DATA(1, 'x'), ACK(1), '\x00\x05\x00\x01no\x00', '\x00\x06tsize\x001\x00'])
      raw.send(stray, port)
    raw.send(readRequest('empty', 'octet'), port)
    expect((await raw.next()).text).toBe(DATA(1, ''))
    const silent = ['shorter than an opcode', 'shorter than an opcode', ...Array(4).fill('not a request')]
    expect(counted).toEqual(silent.map(reason => `dropped: ${reason}`))
  })

  it('C148 is silence for senders outside the networks served', async () => {
    const { port, counted } = await rig(memoryFiles(FILES), {}, { accepts: () => false })
    const raw = await client()
    raw.send(readRequest('x', 'octet'), port)
    await expect.poll(() => counted).toEqual(['dropped: sender we do not serve'])
  })
})
