import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Ipv4, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import type { DhcpPacket, Source } from '../../../server/dhcp/packet.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import { discover, ip, mac, octets, packetOf, SERVER, sceneOf, select, subnetOf, typeOf } from './scene.ts'

const SUBNET = subnetOf({
  pool: { start: '10.77.0.50', end: '10.77.0.55' },
  leaseSeconds: 300,
  reservations: [{ mac: '52:54:00:99:00:00', ip: '10.77.0.52' }],
})
const machines = Array.from({ length: 8 }, (_, index) => mac(`52:54:00:99:00:0${index}`))
const nobody = mac('52:54:00:99:00:ff')
const addresses = Array.from({ length: 8 }, (_, index) => ip(`10.77.0.${49 + index}`))

/** One thing that happens; `machine` and `address` are indices. */
type Happening =
  | {
      readonly kind: 'ask'
      readonly what: keyof typeof PACKETS
      readonly machine: number
      readonly address: number
    }
  | { readonly kind: 'take-offer'; readonly machine: number }
  | { readonly kind: 'report'; readonly machine: number }
  | { readonly kind: 'time'; readonly seconds: number }
  | { readonly kind: 'restart' }

const unicast = (address: Ipv4): Source => ({ address, port: 68, delivery: 'unicast' })
const typed = (type: number, who: Mac, address: Ipv4, ciaddr: Ipv4): DhcpPacket =>
  packetOf({
    mac: who,
    ciaddr,
    options: [
      [OPTION.messageType, [type]],
      ...(ciaddr === UNSPECIFIED ? [[OPTION.requestedIp, octets(address)] as const] : []),
    ],
  })
const PACKETS = {
  discover: (who: Mac, address: Ipv4) => discover(who, [[OPTION.requestedIp, octets(address)]]),
  select: (who: Mac, address: Ipv4) => select(who, address),
  selectOther: (who: Mac, address: Ipv4) => select(who, address, ip('10.77.0.3')),
  reboot: (who: Mac, address: Ipv4) => typed(3, who, address, UNSPECIFIED),
  renew: (who: Mac, address: Ipv4) => typed(3, who, address, address),
  decline: (who: Mac, address: Ipv4) => typed(4, who, address, UNSPECIFIED),
  release: (who: Mac, address: Ipv4) => typed(7, who, address, address),
}

const index = fc.nat({ max: 7 })
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({
    kind: fc.constant('ask' as const),
    what: fc.constantFrom(...(Object.keys(PACKETS) as (keyof typeof PACKETS)[])),
    machine: index,
    address: index,
  }),
  fc.record({ kind: fc.constant('take-offer' as const), machine: index }),
  fc.record({ kind: fc.constant('report' as const), machine: index }),
  fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(1, 60, 121, 290, 4000) }),
  fc.record({ kind: fc.constant('restart' as const) }),
)

test('whatever happens, no address is acknowledged to two machines at once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 10, maxLength: 60 }), async story => {
      const clock = { nowMs: 0 }
      const store = createMemoryStore({ now: () => clock.nowMs })
      let scene = await sceneOf(SUBNET, clock, store)
      const offered = new Map<Mac, Ipv4>()
      /** What each machine may rightly believe: from the ACKs alone, as the machines see them. */
      const believed = new Map<Mac, { readonly ip: Ipv4; readonly untilMs: number }>()

      const ask = async (who: Mac, packet: DhcpPacket) => {
        const reply = await scene.ask(
          packet,
          packet.ciaddr === UNSPECIFIED ? undefined : unicast(packet.ciaddr),
        )
        if (typeOf(reply) === 2 && reply !== undefined) offered.set(who, reply.yiaddr)
        if (typeOf(reply) === 6) believed.delete(who)
        if (typeOf(reply) !== 5 || reply === undefined) return
        const seconds =
          reply.options.get(OPTION.leaseSeconds)?.reduce((sum, octet) => sum * 256 + octet, 0) ?? 0
        believed.set(who, { ip: reply.yiaddr, untilMs: clock.nowMs + seconds * 1000 })
      }
      const step = async (event: Happening) => {
        if (event.kind === 'time') clock.nowMs += event.seconds * 1000
        else if (event.kind === 'restart') scene = await sceneOf(SUBNET, clock, store)
        else {
          const who = machines[event.machine] ?? nobody
          if (event.kind === 'report') {
            const own = believed.get(who)
            if (own !== undefined && own.untilMs > clock.nowMs) await scene.serving.extend(who, own.ip)
          } else if (event.kind === 'take-offer') {
            const address = offered.get(who)
            if (address !== undefined) await ask(who, select(who, address))
          } else {
            const address = addresses[event.address] ?? SERVER
            const gaveUp = event.what === 'release' || event.what === 'decline'
            if (gaveUp && believed.get(who)?.ip === address) believed.delete(who)
            await ask(who, PACKETS[event.what](who, address))
          }
        }
      }

      for (const event of story) {
        await step(event)
        const live = [...believed.values()]
          .filter(belief => belief.untilMs > clock.nowMs)
          .map(belief => belief.ip)
        expect(new Set(live).size).toBe(live.length)
      }
    }),
    { numRuns: 300 },
  )
})
