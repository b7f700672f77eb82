import { afterEach, describe, expect, it } from 'vitest'
import type { OpenFile } from '../../../server/tftp/file.ts'
import { readRequest } from './octets.ts'
import type { Rig } from './tftp-rig.ts'
import { LOOPBACK, memoryFiles, RawClient, startRig } from './tftp-rig.ts'

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

describe('a read', () => {
  it('C118 without options is DATA 1 at once, from the address asked and a port of its own', async () => {
    const { port, ended } = await rig(memoryFiles(FILES))
    const raw = await client()
    raw.send(readRequest('x', 'octet'), port)
    const first = await raw.next()
    expect(first).toMatchObject({ text: DATA(1, 'x'.repeat(512)), address: LOOPBACK })
    expect(first.port).not.toBe(port)
    raw.send(ACK(1), first.port)
    expect(await raw.next()).toEqual({ ...first, text: DATA(2, 'x'.repeat(188)) })
    raw.send(ACK(2), first.port)
    expect(await ended(1)).toMatchObject([
      { client: LOOPBACK, path: 'x', sizeBytes: 700, outcome: 'complete' },
    ])
  })

  it('C120 with options is an OACK of what was asked, then waits for ACK 0', async () => {
    const { port, ended } = await rig(memoryFiles(FILES))
    const raw = await client()
    const options = [
      ['tsize', '0'],
      ['BLKSIZE', '1432'],
      ['utimeout', '9'],
    ] as const
    raw.send(readRequest('x', 'OCTET', options), port)
    const oack = await raw.next()
    expect(oack.text).toBe('\x00\x06tsize\x00700\x00BLKSIZE\x001432\x00')
    raw.send(ACK(0), oack.port)
    expect((await raw.next()).text).toBe(DATA(1, 'x'.repeat(700)))
    raw.send(ACK(1), oack.port)
    expect(await ended(1)).toMatchObject([{ outcome: 'complete' }])
  })

  it.each([0, 8])('C132 of the size alone, ended by ERROR %i, is a probe', async code => {
    const { port, ended } = await rig(memoryFiles(FILES))
    const raw = await client()
    raw.send(readRequest('x', 'octet', [['tsize', '0']]), port)
    const oack = await raw.next()
    raw.send(`\x00\x05\x00${String.fromCharCode(code)}User aborted the transfer\x00`, oack.port)
    expect(await ended(1)).toMatchObject([{ outcome: 'probe' }])
  })

  it('C121 in netascii converts and tells no size', async () => {
    const { port } = await rig(memoryFiles(FILES))
    const raw = await client()
    raw.send(readRequest('text', 'netascii', [['tsize', '0']]), port)
    expect((await raw.next()).text).toBe(DATA(1, 'a\r\nb'))
  })

  it('of an empty file is one empty DATA', async () => {
    const { port } = await rig(memoryFiles(FILES))
    const raw = await client()
    raw.send(readRequest('empty', 'octet'), port)
    expect((await raw.next()).text).toBe(DATA(1, ''))
  })

  const names = ['\\boot\\x', '//boot/x', '/boot/x', 'C:\\boot\\x', 'boot/x\xff\xff']
  it.each(names)('C143 of %j finds boot/x', async name => {
    const { port } = await rig(memoryFiles(FILES))
    const raw = await client()
    raw.send(readRequest(name, 'octet'), port)
    expect((await raw.next()).text).toBe(DATA(1, 'boot'))
  })
})

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

describe('one address and port', () => {
  it('C133 is one transfer, however often the request comes before its first answer', async () => {
    let looks = 0
    let release: () => void = () => {}
    const gate = new Promise<void>(resolve => {
      release = resolve
    })
    const slow: OpenFile = async request => {
      looks += 1
      await gate
      return memoryFiles(FILES)(request)
    }
    const { port, ended } = await rig(slow)
    const raw = await client()
    for (let time = 0; time < 5; time++) raw.send(readRequest('empty', 'octet'), port)
    await expect.poll(() => looks).toBe(1)
    release()
    const data = await raw.next()
    raw.send(ACK(1), data.port)
    expect(await ended(1)).toMatchObject([{ outcome: 'complete' }])
    expect(looks).toBe(1)
  })

  it('C133 may read again, even the same, once it is done (Raspberry Pi 3)', async () => {
    const { port, ended } = await rig(memoryFiles(FILES))
    const raw = await client()
    for (let time = 1; time <= 3; time++) {
      raw.send(readRequest('empty', 'octet'), port)
      const data = await raw.next()
      expect(data.text).toBe(DATA(1, ''))
      raw.send(ACK(1), data.port)
      expect((await ended(time)).at(-1)).toMatchObject({ outcome: 'complete' })
    }
  })

  it('F34 gets what it asked last when it asks for one file after another', async () => {
    const { port, ended } = await rig(memoryFiles(FILES))
    const raw = await client()
    for (let time = 0; time < 3; time++)
      for (const name of ['x', 'boot/x']) raw.send(readRequest(name, 'octet'), port)
    raw.send(readRequest('empty', 'octet'), port)
    let data = await raw.next()
    while (data.text !== DATA(1, '')) data = await raw.next()
    raw.send(ACK(1), data.port)
    await expect
      .poll(async () => (await ended(1)).find(end => end.outcome === 'complete')?.path)
      .toBe('empty')
  })
})

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

describe('limits', () => {
  const limits = [{ maxTransfersPerClient: 2 }, { maxTransfers: 2 }]

  it.each(limits)('%j drops a third transfer beside two that run', async limit => {
    const { port, counted } = await rig(memoryFiles(FILES), limit)
    for (let time = 0; time < 3; time++) {
      const raw = await client()
      raw.send(readRequest('x', 'octet'), port)
      if (time === 2) break
      const first = await raw.next()
      raw.send(ACK(1), first.port)
      await raw.next()
    }
    await expect.poll(() => counted).toEqual([expect.stringMatching(/^dropped: too many transfers/)])
  })

  it.each(limits)('%j ends the oldest that never answered for a third', async limit => {
    const { port, ended } = await rig(memoryFiles(FILES), limit)
    for (let time = 0; time < 3; time++) {
      const raw = await client()
      raw.send(readRequest('x', 'octet'), port)
      await raw.next()
    }
    expect(await ended(1)).toMatchObject([{ outcome: 'aborted', reason: 'made room for another' }])
  })

  it.each([{ maxRequestsPerSecond: 3 }, { maxRequestsPerSecondPerClient: 3 }])(
    '%j drops the fourth request of a second',
    async limit => {
      const { port, counted } = await rig(memoryFiles(FILES), limit, { clock: () => 0 })
      const raw = await client()
      for (const name of ['n1', 'n2', 'n3', 'n4']) raw.send(readRequest(name, 'octet'), port)
      for (let time = 0; time < 3; time++) expect((await raw.next()).text).toMatch(/not found/)
      await expect.poll(() => counted).toContain('dropped: too many requests')
    },
  )
})

describe('starting and stopping', () => {
  it('names the port that is in use, and how to see by whom', async () => {
    const { port } = await rig(memoryFiles(FILES))
    await expect(startRig(memoryFiles(FILES), { port })).rejects.toMatchObject({
      code: 'GW_PORT_IN_USE',
      message: `udp port ${port} is in use by another program; see it with: ss -ulpn 'sport = :${port}'`,
    })
  })

  it('says when no interface has the address', async () => {
    const options = { address: '192.0.2.1' as typeof LOOPBACK }
    await expect(startRig(memoryFiles(FILES), {}, options)).rejects.toMatchObject({ code: 'GW_NO_INTERFACE' })
  })

  it('ends running transfers and closes their files', async () => {
    let closed = 0
    const files = memoryFiles(FILES)
    const counting: OpenFile = async request => {
      const file = await files(request)
      return file && { ...file, close: async () => void closed++ }
    }
    const running = await startRig(counting)
    const raw = await client()
    raw.send(readRequest('x', 'octet'), running.port)
    await raw.next()
    await Promise.all([running.close(), running.close()])
    expect(closed).toBe(1)
    expect(running.transfers).toMatchObject([{ outcome: 'aborted', reason: 'server stopped' }])
  })
})
