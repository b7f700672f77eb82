import { expect, test } from 'vitest'
import { overheardServer } from '../../../../server/dhcp/auto/overheard.ts'
import { leasingServer, probePacket } from '../../../../server/dhcp/auto/probe-packet.ts'
import { decode } from '../../../../server/dhcp/decode.ts'
import { encode } from '../../../../server/dhcp/encode.ts'
import { OPTION } from '../../../../server/dhcp/options/code.ts'
import type { Source } from '../../../../server/dhcp/packet.ts'
import { BROADCAST, discover, ip, MACHINE, octets, packetOf, SERVER, select } from '../scene.ts'

const OTHER = ip('10.77.0.9')
const isOurs = (server: string) => server === SERVER
const link = { address: SERVER, prefixLength: 24 }
const FAR: Source = { address: ip('203.0.113.5'), port: 67, delivery: 'unicast' }
const unicast: Source = { address: OTHER, port: 67, delivery: 'unicast' }

/** A reply of the other server. */
function reply(type: number, yiaddr: string) {
  const options = [
    [OPTION.messageType, [type]],
    [OPTION.serverId, octets(OTHER)],
  ] as const
  return encode(packetOf({ op: 2, yiaddr: ip(yiaddr), options }))
}

test.each<[string, Uint8Array, Source, string | undefined]>([
  ['a client that chooses it', encode(select(MACHINE, ip('10.77.0.50'), OTHER)), BROADCAST, OTHER],
  ['a client that chooses us', encode(select(MACHINE, ip('10.77.0.50'))), BROADCAST, undefined],
  ['a client that asks', encode(discover(MACHINE)), BROADCAST, undefined],
  ['its answer to a relay', reply(2, '10.77.0.50'), unicast, OTHER],
  ['its ACK', reply(5, '10.77.0.50'), unicast, OTHER],
  ['its NAK', reply(6, '0.0.0.0'), unicast, undefined],
  ['a proxy', reply(2, '0.0.0.0'), unicast, undefined],
  [
    'a client behind a relay, on another network',
    encode({ ...select(MACHINE, ip('10.9.0.50'), OTHER), giaddr: ip('10.9.0.1') }),
    unicast,
    undefined,
  ],
  ['an answer from far away, which anybody could send', reply(2, '10.77.0.50'), FAR, undefined],
  [
    'a choice from far away',
    encode(select(MACHINE, ip('10.77.0.50'), OTHER)),
    { ...FAR, delivery: 'broadcast' },
    undefined,
  ],
  ['noise', Uint8Array.of(2, 1, 6), BROADCAST, undefined],
])('another server is given away by: %s', (_name, bytes, source, expected) => {
  expect(overheardServer(bytes, source, link, isOurs)).toBe(expected)
})

test('the probe is a DISCOVER that asks for a broadcast answer; only an offer with an address counts', () => {
  const decoded = decode(probePacket(MACHINE, 7))
  expect(decoded).toMatchObject({ kind: 'packet', packet: { op: 1, xid: 7, flags: 0x8000 } })
  expect(leasingServer(reply(2, '10.77.0.50'), OTHER)).toBe(OTHER)
  expect(leasingServer(reply(2, '0.0.0.0'), OTHER)).toBeUndefined()
})
