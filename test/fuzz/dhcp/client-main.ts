import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createRandom } from '../random.ts'
import { createRecent } from '../recent.ts'
import { readFixtures } from '../recorded.ts'
import { answerLines } from '../sender.ts'
import { AT } from './build.ts'
import { createValidClients } from './exchange.ts'
import { flawOf } from './reply-rules.ts'
import { createDhcpSource } from './source.ts'

/**
 * The DHCP sender, started in the clients' namespace: `client-main.ts SEED`. Fuzzed packets go to the server through a
 * relay, by broadcast, and to port 4011; the valid clients are behind the relay.
 */
const [OWN, SERVER] = ['10.96.0.2', '10.96.0.1']
/** A socket of the server holds about 160 datagrams; two lanes are under way. */
const PER_EXCHANGE = 64
const VALID_CLIENTS = 256
const RECENT = 4 * PER_EXCHANGE

const { dhcp: recorded } = readFixtures()
const packetOf = (name: string) => recorded.get(name) ?? new Uint8Array(0)

const random = createRandom(Number(process.argv[2] ?? 1))
const next = createDhcpSource([...recorded.values()], random)
const recent = createRecent(RECENT)
let flaw: string | undefined

async function open(port: number, address: string): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(port, address)
  await once(socket, 'listening')
  // The answers to a burst come in one go.
  socket.setRecvBufferSize(4 << 20)
  socket.setBroadcast(true)
  socket.on('message', (bytes, from) => {
    flaw ??= flawIn(bytes, from)
    clients.receive(bytes)
  })
  return socket
}

function flawIn(bytes: Uint8Array, from: { address: string; port: number }): string | undefined {
  // Our own broadcasts are heard on port 67 and 68 of the same host.
  if (from.address === OWN) return undefined
  const found = flawOf(bytes, from)
  return found === undefined ? undefined : `${found}: ${Buffer.from(bytes).toString('hex')}`
}

const clients = createValidClients(
  [packetOf('dhcp_ovmf_pxe_discover'), packetOf('dhcp_ovmf_pxe_request')],
  VALID_CLIENTS,
  bytes => relay.send(bytes, 67, SERVER),
)
const [relay, machine] = [await open(67, OWN), await open(68, '0.0.0.0')]

function fire(): void {
  const bytes = next()
  recent.push(bytes)
  if (bytes[AT.giaddr] === 10 || random.chance(20)) relay.send(bytes, 67, SERVER)
  else if (random.chance(80)) machine.send(bytes, 67, '255.255.255.255')
  else machine.send(bytes, 4011, SERVER)
}

for (let index = 0; index < VALID_CLIENTS; index += 1) await clients.exchange()
await answerLines({ fire, exchange: () => clients.exchange(), flaw: () => flaw }, recent, PER_EXCHANGE)
relay.close()
machine.close()
