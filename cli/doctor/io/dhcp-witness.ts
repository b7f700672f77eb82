import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { setTimeout as delay } from 'node:timers/promises'
import { macToBytes } from '../../../config/values/mac.ts'
import { doctorMac } from '../../../protocol/doctor.ts'
import { type LanAnswer, MACHINES, type SeenOffer } from '../offers.ts'

/**
 * What we use of npm `dhcp` (0.2.20): its client and its codec, which share nothing with ours. Its client needs help
 * to work at all: it sets no broadcast flag, sends to a socket that may have no route, and takes one offer only.
 */
type WitnessPacket = {
  readonly xid: number
  readonly yiaddr: string
  readonly siaddr: string
  readonly file: string
  readonly options: Readonly<Record<number, unknown>>
}
type WitnessClient = {
  readonly _sock: Socket
  readonly _state: { xid: number }
  readonly _conf: { mac: string }
  sendDiscover(): void
  handleOffer(offer: WitnessPacket): void
  handleAck(answer: WitnessPacket): void
  _send(host: string, packet: Record<string, unknown>): void
  on(event: 'error', listener: (error: unknown) => void): void
  close(): void
}
const require = createRequire(import.meta.url)
const dhcp: {
  createClient(options: { mac: string; features: readonly string[] }): WitnessClient
  addOption(code: number, option: { name: string; type: string; attr: string }): void
} = require('dhcp')
const protocol: { format(packet: unknown): { readonly _data: Buffer; readonly _w: number } } =
  require('dhcp/lib/protocol.js')

/** Options its table lacks: it would print a line for each and drop them. */
const MISSING = [
  43,
  61,
  77,
  82,
  93,
  94,
  97,
  175,
  203,
  ...Array.from({ length: 8 }, (_, index) => 128 + index),
]
for (const code of MISSING)
  dhcp.addOption(code, { name: `option ${code}`, type: 'UInt8s', attr: `option${code}` })

/** How long offers are collected: EDK2, the most patient firmware we know, waits four seconds. */
const COLLECT_MS = 3500
const BROADCAST = '255.255.255.255'

/**
 * Asks the LAN behind `address` for DHCP as each of the {@link MACHINES} does and collects every OFFER; answers none,
 * so no lease is left behind: a server sets an address aside for each, for a minute or two. Needs port 68: root, and no DHCP client that holds it for itself alone.
 */
export async function askLan(address: string, xid: number): Promise<LanAnswer> {
  const client = dhcp.createClient({ mac: '', features: [] })
  const out = createSocket({ type: 'udp4', reuseAddr: true })
  const offers: SeenOffer[] = []
  client._state.xid = xid
  client.on('error', () => undefined) // somebody's malformed packet; it is not the one we wait for
  client.handleOffer = offer => {
    const machine = MACHINES[offer.xid - xid]
    if (machine !== undefined) offers.push(seen(offer, machine.arch))
  }
  client.handleAck = () => undefined // other machines' leases are broadcast too
  try {
    await bind(client._sock, '0.0.0.0', 68)
    // Bound to our own address the broadcast leaves by the right interface, without any route. Not from port 68: our
    // server takes what comes from its own address and that port for its own question. Answers go to 68 all the same.
    await bind(out, address, 0)
    out.setBroadcast(true)
    for (const { arch } of MACHINES) {
      client._conf.mac = doctorMac(arch)
      client._send = (_host, packet) => {
        const { _data, _w } = protocol.format(asFirmware(packet, arch))
        out.send(_data, 0, _w, 67, BROADCAST)
      }
      client.sendDiscover() // takes the next xid
    }
    await delay(COLLECT_MS)
    return { kind: 'offers', offers }
  } catch (error) {
    return unasked(error as NodeJS.ErrnoException)
  } finally {
    out.close()
    client.close()
  }
}

async function bind(socket: Socket, address: string, port: number): Promise<void> {
  socket.bind({ port, address, exclusive: true })
  await once(socket, 'listening')
}

/** The package's DISCOVER made into one of PXE firmware (option 60, 93, 94, 97), with the broadcast flag. */
function asFirmware(packet: Record<string, unknown>, arch: number): Record<string, unknown> {
  const options = {
    ...(packet['options'] as Record<number, unknown>),
    60: `PXEClient:Arch:${String(arch).padStart(5, '0')}:UNDI:003000`,
    61: [1, ...macToBytes(doctorMac(arch))],
    93: [0, arch],
    94: [1, 3, 0],
    97: Array.from({ length: 17 }, (_, index) => (index === 0 ? 0 : 0x67 + arch)),
  }
  return { ...packet, flags: 0x8000, options }
}

function seen({ yiaddr, siaddr, file, options }: WitnessPacket, arch: number): SeenOffer {
  return {
    arch,
    server: String(options[54] ?? siaddr),
    address: yiaddr,
    nextServer: siaddr,
    file: file === '' ? String(options[67] ?? '') : file,
  }
}

function unasked(error: NodeJS.ErrnoException): LanAnswer {
  if (error.code === 'EACCES' || error.code === 'EPERM')
    return {
      kind: 'unasked',
      reason: 'this user may not open port 68',
      remedy: 'run godwit doctor as root',
    }
  if (error.code === 'EADDRINUSE')
    return {
      kind: 'unasked',
      reason: 'another DHCP client holds port 68 alone',
      remedy: "ss -ulpn 'sport = :68' shows which",
    }
  return { kind: 'unasked', reason: String(error), remedy: 'see docs/operations.md' }
}
