import { createSocket } from 'node:dgram'

const WAIT_MS = 1_500

/** Fetches a file as the oldest ROMs do, RFC 1350 without options; its size, or `undefined` when it cannot be had. */
export function tftpGet(server: string, name: string): Promise<number | undefined> {
  return new Promise(resolve => {
    const socket = createSocket('udp4')
    let size = 0
    let expected = 1
    const finish = (result: number | undefined) => {
      clearTimeout(timer)
      socket.close()
      resolve(result)
    }
    let timer = setTimeout(() => finish(undefined), WAIT_MS)
    socket.on('error', () => finish(undefined))
    socket.on('message', (bytes, from) => {
      if (bytes.readUInt16BE(0) !== 3) return finish(undefined)
      const block = bytes.readUInt16BE(2)
      const ack = Buffer.from([0, 4, block >> 8, block & 255])
      socket.send(ack, from.port, from.address)
      if (block !== (expected & 0xffff)) return
      expected += 1
      size += bytes.length - 4
      clearTimeout(timer)
      timer = setTimeout(() => finish(undefined), WAIT_MS)
      if (bytes.length < 516) setTimeout(() => finish(size), 50)
    })
    const request = Buffer.from(`\0\u0001${name}\0octet\0`, 'latin1')
    socket.send(request, 69, server)
  })
}
