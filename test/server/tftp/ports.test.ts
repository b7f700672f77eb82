import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { bytesFile } from '../../../server/tftp/file.ts'
import { readRequest } from './octets.ts'
import type { Rig } from './tftp-rig.ts'
import { memoryFiles, RawClient, startRig } from './tftp-rig.ts'

const FILES = { x: Buffer.from('x'.repeat(700)), y: Buffer.from('y'.repeat(700)) }
const ACK = (block: number): string => `\x00\x04\x00${String.fromCharCode(block)}`
/** Beside the ports that the system gives out by itself, and another for each run at once. */
const FIRST = 20_000 + (process.pid % 900) * 10

const opened: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})
async function rig(...options: Parameters<typeof startRig>): Promise<Rig> {
  const started = await startRig(...options)
  opened.push(started)
  return started
}
async function client(server?: string): Promise<RawClient> {
  const raw = await RawClient.open(server)
  opened.push(raw)
  return raw
}

describe('transfer ports', () => {
  it('C136 answers come from the address asked and from a port of the range, never the well-known one', async () => {
    const portRange = { first: FIRST, last: FIRST + 3 }
    const address = '127.0.0.2' as never
    const { port } = await rig(memoryFiles(FILES), { portRange }, { address })
    const seen = new Set<number>()
    const raw = await client('127.0.0.2')
    for (const name of ['x', 'y', 'x', 'y', 'x', 'y']) {
      raw.send(readRequest(name, 'octet'), port)
      const first = await raw.next()
      expect(first.address).toBe('127.0.0.2')
      seen.add(first.port)
    }
    expect([...seen].sort()).toEqual([FIRST, FIRST + 1, FIRST + 2, FIRST + 3])
  })

  it('carry 64 transfers each before the next is used', async () => {
    const limits = { maxTransfersPerClient: 100, maxRequestsPerSecondPerClient: 100 }
    const { port } = await rig(memoryFiles(FILES), limits)
    const seen = new Map<number, number>()
    for (let time = 0; time < 65; time++) {
      const raw = await client()
      raw.send(readRequest('x', 'octet'), port)
      const first = await raw.next()
      seen.set(first.port, (seen.get(first.port) ?? 0) + 1)
    }
    expect([...seen.values()]).toEqual([64, 1])
  })

  it('that are taken are passed over, and it is said when all are', async () => {
    await rig(memoryFiles(FILES), { portRange: { first: FIRST, last: FIRST + 1 } })
    const { port } = await rig(memoryFiles(FILES), { portRange: { first: FIRST, last: FIRST + 2 } })
    const raw = await client()
    raw.send(readRequest('x', 'octet'), port)
    expect((await raw.next()).port).toBe(FIRST + 2)
    const taken = startRig(memoryFiles(FILES), { portRange: { first: FIRST, last: FIRST + 2 } })
    await expect(taken).rejects.toMatchObject({ code: 'GW_PORT_IN_USE' })
  })

  it('are closed for good in single-port mode too: who asks while a transfer ends gets nothing', async () => {
    let release = () => {}
    const slow = new Promise<void>(resolve => {
      release = resolve
    })
    const started = await startRig(
      async () => {
        await slow
        return bytesFile(FILES.x)
      },
      { singlePort: true },
    )
    const raw = await client()
    raw.send(readRequest('x', 'octet'), started.port)
    await delay(50)
    const closed = started.close()
    ;(await client()).send(readRequest('x', 'octet'), started.port)
    await delay(50)
    release()
    await closed
    await delay(20)
    expect(started.counted).toEqual([])
  })

  it('C133 another file asked from the same port comes from another of ours', async () => {
    const { port } = await rig(memoryFiles(FILES))
    const raw = await client()
    raw.send(readRequest('x', 'octet'), port)
    const x = await raw.next()
    raw.send(readRequest('y', 'octet'), port)
    const y = await raw.next()
    expect(y.text.at(-1)).toBe('y')
    expect(y.port).not.toBe(x.port)
  })
})

describe('a client that keeps its port', () => {
  it.each([true, false])(
    'is heard again while its last file is still being closed (single port: %s)',
    async singlePort => {
      let release = () => {}
      const closing = new Promise<undefined>(resolve => {
        release = () => resolve(undefined)
      })
      const { port, ended } = await rig(async () => ({ ...bytesFile(FILES.x), close: () => closing }), {
        singlePort,
      })
      const raw = await client()
      raw.send(readRequest('x', 'octet'), port)
      const probe = await raw.next()
      raw.send('\x00\x05\x00\x00\x00', probe.port)
      // Another socket than the request's, so that either may be read first.
      await delay(50)
      raw.send(readRequest('x', 'octet'), port)
      const first = await raw.next()
      expect(first.text.charCodeAt(3)).toBe(1)
      for (const block of [1, 2]) raw.send(ACK(block), first.port)
      release()
      expect((await ended(2)).map(({ outcome }) => outcome)).toContain('complete')
    },
  )

  it('is heard again when its request is read before the last ACK, which came to another socket', async () => {
    const { port, ended } = await rig(memoryFiles(FILES))
    const raw = await client()
    const request = readRequest('x', 'octet')
    raw.send(request, port)
    const first = await raw.next()
    raw.send(ACK(1), first.port)
    await raw.next()
    raw.send(request, port)
    raw.send(ACK(2), first.port)
    const again = await raw.next()
    expect(again.text.charCodeAt(3)).toBe(1)
    for (const block of [1, 2]) raw.send(ACK(block), again.port)
    expect(await ended(2)).toMatchObject([{ outcome: 'complete' }, { outcome: 'complete' }])
  })
})

describe('single-port mode', () => {
  it('C137 two transfers at once from one client, all from one port', async () => {
    const { port, ended } = await rig(memoryFiles(FILES), { singlePort: true })
    const clients = { x: await client(), y: await client() }
    for (const [name, raw] of Object.entries(clients)) raw.send(readRequest(name, 'octet'), port)
    for (let block = 1; block <= 2; block++)
      for (const [name, raw] of Object.entries(clients)) {
        const data = await raw.next()
        expect([data.port, data.text.charCodeAt(3), data.text.at(-1)]).toEqual([port, block, name])
        raw.send(ACK(block), port)
      }
    expect(await ended(2)).toMatchObject([{ outcome: 'complete' }, { outcome: 'complete' }])
  })

  it('a client begins anew from the same port', async () => {
    const { port, ended } = await rig(memoryFiles(FILES), { singlePort: true })
    const raw = await client()
    raw.send(readRequest('x', 'octet'), port)
    await raw.next()
    raw.send(readRequest('y', 'octet'), port)
    expect((await raw.next()).text.at(-1)).toBe('y')
    raw.send(ACK(1), port)
    expect((await raw.next()).text.charCodeAt(3)).toBe(2)
    raw.send(ACK(2), port)
    expect(await ended(2)).toMatchObject([
      { path: 'x', outcome: 'aborted' },
      { path: 'y', outcome: 'complete' },
    ])
  })

  it('F32 DATA and OACK to it are dropped, the ACK of a stranger gets ERROR 5', async () => {
    const { port, counted } = await rig(memoryFiles(FILES), { singlePort: true })
    const raw = await client()
    for (const stray of ['\x00\x03\x00\x01x', '\x00\x06tsize\x001\x00', '\x00\x05\x00\x00\x00', ACK(1)])
      raw.send(stray, port)
    expect((await raw.next()).text).toBe('\x00\x05\x00\x05unknown transfer ID\x00')
    const dropped = 'dropped: not a request'
    expect(counted).toEqual([dropped, dropped, 'from a foreign port', 'from a foreign port'])
  })
})
