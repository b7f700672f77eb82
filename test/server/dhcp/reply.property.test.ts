import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UNSPECIFIED } from '../../../config/values/ipv4.ts'
import { macToBytes } from '../../../config/values/mac.ts'
import type { BootAnswer } from '../../../server/dhcp/boot-client.ts'
import { classify } from '../../../server/dhcp/classify.ts'
import { destinationOf } from '../../../server/dhcp/destination.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { readArea } from '../../../server/dhcp/options/area.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { replyLimitBytes } from '../../../server/dhcp/options/size-limit.ts'
import { type Answer, buildReply } from '../../../server/dhcp/reply.ts'
import type { Request } from '../../../server/dhcp/request.ts'
import { BROADCAST, ip, MACHINE, packetOf, SERVER, subnetOf } from './scene.ts'

const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map(parts => ip(parts.join('.')))
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map(value => [...value])

const request: fc.Arbitrary<Request> = fc
  .record({
    flags: fc.constantFrom(0, 0x8000),
    ciaddr: fc.oneof(fc.constant(UNSPECIFIED), address),
    giaddr: fc.oneof(fc.constant(UNSPECIFIED), address),
    source: address,
    parameters: bytes(64),
    maxSize: fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined }),
    clientId: fc.option(fc.constant([1, ...macToBytes(MACHINE)]), { nil: undefined }),
    relay: fc.option(bytes(120), { nil: undefined }),
  })
  .map(({ flags, ciaddr, giaddr, source, parameters, maxSize, clientId, relay }) => {
    const packet = packetOf({
      flags,
      ciaddr,
      giaddr,
      options: [
        [OPTION.messageType, [1]],
        [OPTION.parameterList, parameters],
        ...(maxSize === undefined ? [] : [[OPTION.maxMessageSize, [maxSize >> 8, maxSize & 255]] as const]),
        ...(clientId === undefined ? [] : [[OPTION.clientId, clientId] as const]),
        ...(relay === undefined ? [] : [[OPTION.relayAgent, relay] as const]),
      ],
    })
    const classified = classify(packet, { ...BROADCAST, address: source })
    if (classified.kind === 'refused') throw new Error(classified.reason)
    return classified.request
  })

const boot: fc.Arbitrary<BootAnswer | undefined> = fc.option(
  fc.record({
    file: fc.stringMatching(/^[a-z0-9./:-]{1,250}$/),
    nextServer: fc.constant(SERVER),
  }),
  { nil: undefined },
)
const stage = fc.constantFrom('rom' as const, 'ipxe' as const, 'uefi-http' as const, 'os' as const)
const granted = { ip: ip('10.77.0.50'), leaseSeconds: 900, reason: 'any' }
const answers: fc.Arbitrary<Answer> = fc.constantFrom<Answer>(
  { kind: 'offer', isNew: true, ...granted },
  { kind: 'ack', lease: undefined, ...granted },
  { kind: 'inform', reason: 'any' },
  { kind: 'nak', reason: 'address not available' },
)
const SUBNET = subnetOf({
  domain: `${'long-label.'.repeat(20)}example`,
  dns: Array.from({ length: 8 }, (_, index) => `10.77.0.${index + 2}`),
  reservations: [{ mac: MACHINE, ip: '10.77.0.50', name: 'old-dell' }],
})

describe('every reply', () => {
  test('C006 measures 300 bytes at least and at most what the client takes, with one END and zeros behind it', () => {
    fc.assert(
      fc.property(answers, request, stage, boot, (answer, asked, at, file) => {
        const datagram = encode(buildReply(answer, asked, SUBNET, { stage: at, boot: file }))
        const limitBytes = replyLimitBytes(asked.packet.options)
        expect(datagram.length).toBeGreaterThanOrEqual(300)
        expect(datagram.length).toBeLessThanOrEqual(limitBytes)
        const area = readArea(datagram.subarray(240))
        const used = area.tlvs.reduce((sum, tlv) => sum + 2 + tlv.value.length, 240)
        expect(datagram[used]).toBe(OPTION.end)
        expect(datagram.subarray(used + 1).every(octet => octet === 0)).toBe(true)
      }),
    )
  })

  test('C023 has 53 and 54 first, the mask before routers, 43 before 66, 82 last, and nothing forbidden', () => {
    fc.assert(
      fc.property(answers, request, stage, boot, (answer, asked, at, file) => {
        const datagram = encode(buildReply(answer, asked, SUBNET, { stage: at, boot: file }))
        const codes = readArea(datagram.subarray(240)).tlvs.map(tlv => tlv.code)
        expect(codes.slice(0, 2)).toEqual([OPTION.messageType, OPTION.serverId])
        const never = at === 'os' && file === undefined ? [50, 55, 57] : [50, 52, 55, 57]
        for (const forbidden of never) expect(codes).not.toContain(forbidden)
        for (const [before, after] of [
          [1, 3],
          [43, 66],
        ] as const)
          if (codes.includes(after)) expect(codes.indexOf(before)).toBeLessThan(codes.indexOf(after))
        expect(codes.includes(82)).toBe(asked.packet.options.has(82))
        if (codes.includes(82)) expect(codes.at(-1)).toBe(82)
        expect(new Set(codes).size).toBe(codes.length)
        if (answer.kind === 'nak') expect(codes.every(code => [53, 54, 56, 61, 82].includes(code))).toBe(true)
        if (answer.kind === 'inform') for (const code of [51, 58, 59]) expect(codes).not.toContain(code)
        if (at === 'os') for (const code of [43, 60, 66, 67, 175]) expect(codes).not.toContain(code)
      }),
    )
  })

  test('never goes to ourselves, a multicast group or nobody; an OFFER without relay goes to everybody', () => {
    fc.assert(
      fc.property(answers, request, ({ kind }, asked) => {
        const destination = destinationOf(kind, asked, SUBNET)
        const { giaddr } = asked.packet
        if (kind === 'offer' && giaddr === UNSPECIFIED)
          expect(destination).toEqual({ kind: 'to', endpoint: { address: '255.255.255.255', port: 68 } })
        if (destination.kind === 'nowhere' || destination.endpoint.address === '255.255.255.255') return
        const first = Number(destination.endpoint.address.split('.')[0])
        expect(first === 0 || first === 127 || first >= 224).toBe(false)
        const port = asked.relay.usesSourcePort ? asked.source.port : 67
        if (giaddr !== UNSPECIFIED) expect(destination.endpoint).toEqual({ address: giaddr, port })
      }),
    )
  })
})
