import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import type { Random } from '../random.ts'
import { FILE_NAMES, fileBytes } from './files.ts'
import { flawOf, optionsOf } from './reply-rules.ts'

const TRIES = 5
const RETRY_MS = 1000
const [DATA, ERROR, OACK] = [3, 5, 6]

/** What a valid client asks for: nothing, or a set that real ones ask for. */
const ASKED: readonly Readonly<Record<string, number>>[] = [
  {},
  { tsize: 0 },
  { blksize: 1428, tsize: 0 },
  { blksize: 1468, tsize: 0, windowsize: 4 },
  { blksize: 512, windowsize: 16 },
  { blksize: 1428, timeout: 6, tsize: 0 },
]

/**
 * One valid client reads one file from a port of its own. Resolves with how often it had to repeat itself; rejects
 * when it got no file, a wrong one, or options it had not asked for.
 */
export async function readFile(address: string, server: string, random: Random): Promise<number> {
  const [name, asked] = [random.pick(FILE_NAMES), random.pick(ASKED)]
  const socket = createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  try {
    return await new Promise<number>((resolve, reject) => {
      const fail = (reason: string) =>
        reject(new Error(`a valid client, reading ${name} with ${JSON.stringify(asked)}: ${reason}`))
      const transfer = createTransfer(name, asked)
      let [tries, repeats, peer] = [0, 0, 69]
      let timer: NodeJS.Timeout | undefined
      const send = (bytes: Uint8Array) => {
        socket.send(bytes, peer, server)
        clearTimeout(timer)
        timer = setTimeout(() => {
          if (++tries === TRIES) return fail(`no progress in ${TRIES} tries`)
          repeats += 1
          send(transfer.again())
        }, RETRY_MS)
      }
      socket.on('message', (bytes: Uint8Array, from: RemoteInfo) => {
        if (peer !== 69 && from.port !== peer) return
        peer = from.port
        const step = transfer.take(bytes, from.address)
        if (step.kind === 'send') {
          tries = 0
          send(step.bytes)
        }
        if (step.kind === 'failed' || step.kind === 'done') clearTimeout(timer)
        if (step.kind === 'failed') fail(step.reason)
        if (step.kind !== 'done') return
        // The last ACK is not repeated: the server waits for it no longer than it likes.
        socket.send(step.bytes, peer, server, () => resolve(repeats))
      })
      send(transfer.again())
    })
  } finally {
    socket.close()
  }
}

type Step =
  | { readonly kind: 'send' | 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'wait' }

/** The client's side of one transfer (RFC 1350, 2347, 7440). */
function createTransfer(name: string, asked: Readonly<Record<string, number>>) {
  const options = Object.entries(asked).map(([option, value]) => `${option}\0${value}\0`)
  const rrq = new TextEncoder().encode(`\0\u0001${name}\0octet\0${options.join('')}`)
  const content = fileBytes(name) ?? new Uint8Array(0)
  let [block, inWindow, window, blockSize] = [0, 0, 1, 512]
  let last: Uint8Array = rrq
  const ack = () => {
    last = Uint8Array.of(0, 4, block >> 8, block & 255)
    inWindow = 0
    return last
  }
  const takeOack = (bytes: Uint8Array): Step => {
    const granted = optionsOf(bytes) ?? new Map<string, string>()
    for (const [option, text] of granted) {
      const [wanted, value] = [asked[option], Number(text)]
      if (wanted === undefined) return { kind: 'failed', reason: `was granted ${option}, unasked` }
      if (option === 'tsize' && value !== content.length)
        return { kind: 'failed', reason: `tsize is ${value}` }
      if ((option === 'blksize' || option === 'windowsize') && value > wanted)
        return { kind: 'failed', reason: `was granted ${option} ${value}` }
    }
    blockSize = Number(granted.get('blksize') ?? 512)
    window = Number(granted.get('windowsize') ?? 1)
    return { kind: 'send', bytes: ack() }
  }
  const takeData = (bytes: Uint8Array): Step => {
    const number = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)
    if (number !== block + 1) return { kind: 'wait' }
    const data = bytes.subarray(4)
    const start = block * blockSize
    if (!data.every((octet, at) => octet === content[start + at]))
      return { kind: 'failed', reason: 'wrong bytes' }
    block += 1
    inWindow += 1
    if (data.length < blockSize) {
      const isWhole = start + data.length === content.length
      return isWhole ? { kind: 'done', bytes: ack() } : { kind: 'failed', reason: 'the file is too short' }
    }
    return inWindow >= window ? { kind: 'send', bytes: ack() } : { kind: 'wait' }
  }
  return {
    again: () => last,
    take: (bytes: Uint8Array, address: string): Step => {
      const flaw = flawOf(bytes, { address })
      if (flaw !== undefined) return { kind: 'failed', reason: flaw }
      if (bytes[1] === ERROR) return { kind: 'failed', reason: `ERROR ${Buffer.from(bytes.subarray(4))}` }
      if (bytes[1] === OACK) return block === 0 ? takeOack(bytes) : { kind: 'wait' }
      return bytes[1] === DATA ? takeData(bytes) : { kind: 'wait' }
    },
  }
}
