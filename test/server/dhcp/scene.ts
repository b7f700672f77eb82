import { ServerConfig } from '../../../config/server.ts'
import { type Ipv4, Ipv4 as Ipv4Schema, LIMITED_BROADCAST, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import { type Mac, Mac as MacSchema, macToBytes } from '../../../config/values/mac.ts'
import type { BootEvent } from '../../../protocol/boot.ts'
import type { BootFor } from '../../../server/dhcp/boot-client.ts'
import type { ConflictProbe } from '../../../server/dhcp/conflict.ts'
import { decode } from '../../../server/dhcp/decode.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { type LeaseStore, openLeaseStore } from '../../../server/dhcp/lease-store.ts'
import type { Options } from '../../../server/dhcp/options/area.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { readText } from '../../../server/dhcp/options/value.ts'
import type { DhcpPacket, Endpoint, Source } from '../../../server/dhcp/packet.ts'
import { createServing, type Serving } from '../../../server/dhcp/serve.ts'
import { type Subnet, subnetFor } from '../../../server/dhcp/subnet.ts'
import { subnetsFor } from '../../../server/dhcp/subnets.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import type { Store } from '../../../server/store/store.ts'

export const ip = (text: string): Ipv4 => Ipv4Schema.parse(text)
export const mac = (text: string): Mac => MacSchema.parse(text)

export const SERVER = ip('10.77.0.1')
export const MACHINE = mac('52:54:00:77:00:01')
export const OTHER = mac('52:54:00:77:00:02')
export const BROADCAST: Source = { address: UNSPECIFIED, port: 68, delivery: 'broadcast' }

/** The subnet 10.77.0.0/24 with a pool of .50 to .99, unless the configuration says otherwise. */
export function subnetOf(dhcp: Readonly<Record<string, unknown>> = {}): Subnet {
  const base = { pool: { start: '10.77.0.50', end: '10.77.0.99' }, router: '10.77.0.1', dns: ['10.77.0.1'] }
  const config = ServerConfig.parse({ dhcp: { ...base, ...dhcp } }).dhcp
  const result = subnetFor(config, { address: SERVER, prefixLength: 24 })
  if (result.kind === 'invalid') throw new Error(result.problems.join('; '))
  return result.subnet
}

/** The subnet of {@link subnetOf} and those behind its relays (`dhcp.relayed`). */
export function subnetsOf(dhcp: Readonly<Record<string, unknown>>): readonly [Subnet, ...Subnet[]] {
  const base = { pool: { start: '10.77.0.50', end: '10.77.0.99' }, router: '10.77.0.1', dns: ['10.77.0.1'] }
  const config = ServerConfig.parse({ dhcp: { ...base, ...dhcp } }).dhcp
  const result = subnetsFor(config, { address: SERVER, prefixLength: 24 })
  if (result.kind === 'invalid') throw new Error(result.problems.join('; '))
  return result.subnets
}

/** A client packet with everything zero but what is given. */
export function packetOf(
  fields: Partial<Omit<DhcpPacket, 'options' | 'chaddr'>> & {
    readonly mac?: Mac
    readonly options?: readonly (readonly [number, readonly number[]])[]
  },
): DhcpPacket {
  const chaddr = new Uint8Array(16)
  chaddr.set(macToBytes(fields.mac ?? MACHINE))
  const options: Options = new Map(
    (fields.options ?? []).map(([code, value]) => [code, Uint8Array.from(value)]),
  )
  const zero = { hops: 0, secs: 0, flags: 0, sname: '', file: '' }
  const addresses = { ciaddr: UNSPECIFIED, yiaddr: UNSPECIFIED, siaddr: UNSPECIFIED, giaddr: UNSPECIFIED }
  const { mac: _mac, options: _options, ...rest } = fields
  return { op: 1, htype: 1, hlen: 6, xid: 0x1122_3344, ...zero, ...addresses, ...rest, chaddr, options }
}

/** The octets of an address, as option values want them. */
export function octets(address: Ipv4): readonly number[] {
  return address.split('.').map(Number)
}

/** Everything to watch one serving with a clock of our own and a store that outlives it. */
export type Scene = {
  readonly serving: Serving
  readonly leases: LeaseStore
  readonly sent: { readonly bytes: Uint8Array; readonly packet: DhcpPacket; readonly to: Endpoint }[]
  readonly events: BootEvent[]
  readonly counts: string[]
  readonly lines: string[]
  /** Sends a packet and returns the reply to it, if any. */
  ask(packet: DhcpPacket, source?: Source): Promise<DhcpPacket | undefined>
}

/** A clock that stands still until it is moved. */
export type Clock = { nowMs: number }

const boot: BootFor = ({ stage }) => ({
  file: stage === 'rom' ? 'snponly-x64.efi' : 'http://10.77.0.1:7080/boot.ipxe',
  nextServer: SERVER,
})

/** A serving over the memory store (or the one given, to play a restart). */
export async function sceneOf(
  subnet: Subnet,
  clock: Clock,
  store: Store = createMemoryStore({ now: () => clock.nowMs }),
  bootFor: BootFor = boot,
  more: { readonly relayed?: readonly Subnet[]; readonly probe?: ConflictProbe } = {},
): Promise<Scene> {
  const sent: Scene['sent'][number][] = []
  const events: BootEvent[] = []
  const counts: string[] = []
  const lines: string[] = []
  const line = (_fields: unknown, message: string) => void lines.push(message)
  const log = { debug: line, info: line, warn: line, error: line }
  const count = (_area: string, reason: string) => void counts.push(reason)
  const leases = await openLeaseStore(store, log, count)
  const serving = createServing({
    subnets: [subnet, ...(more.relayed ?? [])],
    probe: more.probe,
    leases,
    bootFor,
    log,
    count,
    onBootEvent: event => void events.push(event),
    now: () => clock.nowMs,
    post(bytes, to) {
      const decoded = decode(bytes)
      if (decoded.kind === 'packet') sent.push({ bytes, packet: decoded.packet, to })
    },
  })
  const ask: Scene['ask'] = async (packet, source = BROADCAST) => {
    const before = sent.length
    serving.receive(encode(packet), source)
    await serving.idle()
    return sent[before]?.packet
  }
  return { serving, leases, sent, events, counts, lines, ask }
}

/** DISCOVER of a system's client. */
export function discover(who: Mac, more: readonly (readonly [number, readonly number[]])[] = []): DhcpPacket {
  return packetOf({ mac: who, options: [[OPTION.messageType, [1]], ...more] })
}

/** REQUEST that takes an offer. */
export function select(who: Mac, address: Ipv4, server: Ipv4 = SERVER): DhcpPacket {
  return packetOf({
    mac: who,
    options: [
      [OPTION.messageType, [3]],
      [OPTION.requestedIp, octets(address)],
      [OPTION.serverId, octets(server)],
    ],
  })
}

/** A text option of a packet without its NUL. */
export function textOption(packet: DhcpPacket | undefined, code: number): string | undefined {
  const value = packet?.options.get(code)
  return value === undefined ? undefined : readText(value)
}

/** The message type of a packet. */
export function typeOf(packet: DhcpPacket | undefined): number | undefined {
  return packet?.options.get(OPTION.messageType)?.[0]
}

/** Where a broadcast reply goes. */
export const TO_ALL: Endpoint = { address: LIMITED_BROADCAST, port: 68 }
