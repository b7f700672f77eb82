import { randomBytes } from 'node:crypto'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { fetchByTftp } from '../../../cli/doctor/io/tftp-witness.ts'
import { LOOPBACK, memoryFiles, startRig } from '../../server/tftp/tftp-rig.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map(each => each.close()))
})

const data = (block: number, bytes: Uint8Array) => Buffer.concat([Buffer.from([0, 3, 0, block]), bytes])

async function socket(): Promise<Socket> {
  const made = createSocket('udp4')
  open.push(made)
  made.bind(0, LOOPBACK)
  await once(made, 'listening')
  return made
}

/** A server of one answer; `stranger` sends from another port. */
async function answering(answer: (server: Socket, stranger: Socket, to: RemoteInfo) => void) {
  const [server, stranger] = [await socket(), await socket()]
  server.on('message', (bytes, from) => {
    if (bytes[1] === 1) answer(server, stranger, from)
  })
  return server.address().port
}

describe('the TFTP witness', () => {
  it.each([0, 511, 512, 100_000])('reads %d bytes from our server unchanged', async size => {
    const content = randomBytes(size)
    const rig = await startRig(memoryFiles({ file: content }))
    open.push(rig)
    const fetched = await fetchByTftp(LOOPBACK, rig.port, 'file')
    expect(fetched.kind === 'bytes' && content.equals(Buffer.from(fetched.bytes))).toBe(true)
  })

  it('says what the server refused', async () => {
    const rig = await startRig(memoryFiles({}))
    open.push(rig)
    expect(await fetchByTftp(LOOPBACK, rig.port, 'nix')).toEqual({
      kind: 'failed',
      reason: 'the server refuses nix: error 1, file not found',
    })
  })

  it('overhears datagrams that are none', async () => {
    const port = await answering((server, _, to) => {
      for (const nonsense of [[], [0], [0, 3], [0, 3, 0], [9, 9, 9, 9], [0, 5]])
        server.send(Buffer.from(nonsense), to.port, to.address)
      server.send(data(1, Buffer.from('right')), to.port, to.address)
    })
    expect(await fetchByTftp(LOOPBACK, port, 'file')).toMatchObject({ bytes: Buffer.from('right') })
  })

  it('takes no block from another port than the first came from', async () => {
    const port = await answering((server, stranger, to) => {
      server.send(data(1, Buffer.alloc(512, 1)), to.port, to.address, () => {
        stranger.send(data(2, Buffer.from('forged')), to.port, to.address, () => {
          server.send(data(2, Buffer.from('right')), to.port, to.address)
        })
      })
    })
    const fetched = await fetchByTftp(LOOPBACK, port, 'file')
    expect(fetched).toMatchObject({ bytes: Buffer.concat([Buffer.alloc(512, 1), Buffer.from('right')]) })
  })

  it('gives a deaf server up', async () => {
    const port = (await socket()).address().port
    expect(await fetchByTftp(LOOPBACK, port, 'file', 100)).toMatchObject({ reason: 'no answer in 0.1 s' })
  })
})
