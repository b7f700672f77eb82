import { describe, expect, test } from 'vitest'
import { classify } from '../../../server/dhcp/classify.ts'
import { destinationOf } from '../../../server/dhcp/destination.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import type { Answer } from '../../../server/dhcp/reply.ts'
import { BROADCAST, ip, octets, packetOf, SERVER, subnetOf } from './scene.ts'

type Header = {
  readonly flags?: number
  readonly ciaddr?: string
  readonly giaddr?: string
  readonly chosen?: string
}

describe('destination (RFC 2131 §4.1)', () => {
  test.each<[string, Answer['kind'], Header, string]>([
    ['a relayed OFFER', 'offer', { giaddr: '10.77.0.9' }, '10.77.0.9:67'],
    ['a relayed NAK', 'nak', { giaddr: '10.77.0.9', ciaddr: '10.77.0.50' }, '10.77.0.9:67'],
    ['a NAK', 'nak', { ciaddr: '10.77.0.50' }, '255.255.255.255:68'],
    ['an OFFER, broadcast flag', 'offer', { flags: 0x8000 }, '255.255.255.255:68'],
    ['an OFFER, no flag: the fallback', 'offer', {}, '255.255.255.255:68'],
    ['an OFFER although ciaddr is filled in', 'offer', { ciaddr: '10.77.0.50' }, '255.255.255.255:68'],
    ['an ACK to a renewing client', 'ack', { ciaddr: '10.77.0.50' }, '10.77.0.50:68'],
    ['an ACK to a selecting client', 'ack', {}, '255.255.255.255:68'],
    [
      'an ACK to a selecting client that fills in ciaddr',
      'ack',
      { ciaddr: '10.77.0.50', chosen: '10.77.0.50' },
      '255.255.255.255:68',
    ],
    ['an ACK to a client of another network', 'ack', { ciaddr: '203.0.113.5' }, 'nowhere'],
    ['an INFORM', 'inform', { ciaddr: '10.77.0.50' }, '10.77.0.50:68'],
    ['an INFORM without ciaddr: the source', 'inform', {}, '10.77.0.20:1068'],
    ['a relay that says it is us', 'offer', { giaddr: '127.0.0.1' }, 'nowhere'],
    ['a client that says it is a group', 'ack', { ciaddr: '224.0.0.1' }, 'nowhere'],
  ])('%s', (_name, kind, { flags = 0, ciaddr = '0.0.0.0', giaddr = '0.0.0.0', chosen }, expected) => {
    const packet = packetOf({
      flags,
      ciaddr: ip(ciaddr),
      giaddr: ip(giaddr),
      options: [
        [OPTION.messageType, [3]],
        ...(chosen === undefined
          ? []
          : ([
              [OPTION.requestedIp, octets(ip(chosen))],
              [OPTION.serverId, octets(SERVER)],
            ] as const)),
      ],
    })
    const classified = classify(packet, { ...BROADCAST, address: ip('10.77.0.20'), port: 1068 })
    if (classified.kind === 'refused') throw new Error(classified.reason)
    const to = destinationOf(kind, classified.request, subnetOf())
    expect(to.kind === 'to' ? `${to.endpoint.address}:${to.endpoint.port}` : to.kind).toBe(expected)
  })
})
