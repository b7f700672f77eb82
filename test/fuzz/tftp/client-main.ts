import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createRandom } from '../random.ts'
import { createRecent } from '../recent.ts'
import { readFixtures } from '../recorded.ts'
import { answerLines } from '../sender.ts'
import { readFile } from './exchange.ts'
import { flawOf } from './reply-rules.ts'
import { createTftpSource } from './source.ts'

/**
 * The TFTP sender, started in the clients' namespace: `client-main.ts SEED`. Fuzzed datagrams come from many ports of
 * many addresses; valid clients have addresses of their own, as the limits of the server are per address.
 */
const SERVER = '10.96.0.1'
const PER_EXCHANGE = 64
const RECENT = 4 * PER_EXCHANGE
/** Together fewer than the server serves at once, and one address that asks for more than its share. */
const PORTS_OF_ADDRESS = [12, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6] as const

const random = createRandom(Number(process.argv[2] ?? 1))
const next = createTftpSource(readFixtures().tftp, random)
const recent = createRecent(RECENT)
/** The port of the last transfer each of our sockets heard of. */
const transferPorts = new Map<Socket, number>()
let flaw: string | undefined

async function open(address: string): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  socket.on('message', (bytes, from) => {
    const found = flawOf(bytes, from)
    if (found !== undefined) flaw ??= `${found}: ${bytes.toString('hex')}`
    if (bytes[1] !== 5) transferPorts.set(socket, from.port)
  })
  return socket
}

const sockets: Socket[] = []
for (const [index, ports] of PORTS_OF_ADDRESS.entries())
  for (let port = 0; port < ports; port += 1) sockets.push(await open(`10.96.1.${index + 1}`))

function fire(): void {
  const { to, bytes } = next()
  recent.push(bytes)
  const socket = random.pick(sockets)
  socket.send(bytes, to === 'listener' ? 69 : (transferPorts.get(socket) ?? 69), SERVER)
}

const exchange = (lane: number) => readFile(`10.96.2.${lane + 1}`, SERVER, random)
await answerLines({ fire, exchange, flaw: () => flaw }, recent, PER_EXCHANGE)
for (const socket of sockets) socket.close()
