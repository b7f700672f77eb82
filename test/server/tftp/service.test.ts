import { describe, expect, it } from 'vitest'
import type { OpenFile } from '../../../server/tftp/file.ts'
import { readRequest } from './octets.ts'
import { ACK, DATA, FILES, opensForEachTest } from './served.ts'
import { LOOPBACK, memoryFiles, startRig } from './tftp-rig.ts'

const { rig, client } = opensForEachTest()

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
