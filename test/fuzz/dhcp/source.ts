import { mutate } from '../mutate.ts'
import type { Random } from '../random.ts'
import { AT, build, FIXED_BYTES } from './build.ts'
import { SEEDS } from './seeds.ts'

/** Message types that servers take in, and two that do not exist. */
const TYPES = [1, 1, 1, 3, 3, 3, 4, 7, 8, 2, 5, 13, 0] as const
/** Options a server looks at. */
const CODES = [12, 43, 50, 51, 52, 54, 55, 57, 60, 61, 77, 81, 82, 90, 93, 94, 97, 118, 119, 124, 175, 250]
const RELAY = [10, 96, 0, 2] as const
/** Machines most packets pretend to come from: they come again and again, yet none exceeds its rate. */
const MACHINES = 1 << 12
/** Machines the others come from: more than the pool has addresses. */
const STRANGERS = 1 << 17

/**
 * A source of fuzzed DHCP packets: recorded ones mutated, hostile seeds (as they are and mutated), packets made by
 * rule, and plain noise. Always the same for the same random numbers.
 */
export function createDhcpSource(recorded: readonly Uint8Array[], random: Random): () => Uint8Array {
  const adapted = recorded.map(asIfHere)
  const fixture = () => random.pick(adapted)
  return () => {
    const kind = random.below(100)
    if (kind < 45) return mutate(asSomebody(fixture(), random), random, fixture())
    if (kind < 60) return asSomebody(byRule(random), random)
    if (kind < 75) return mutate(asSomebody(byRule(random), random), random, fixture())
    const seed = random.pick(SEEDS).make(random)
    if (kind < 85) return asSomebody(seed, random)
    if (kind < 97) return mutate(asSomebody(seed, random), random, fixture())
    return random.bytes(random.below(1500))
  }
}

/** A packet recorded on another network, with that network's addresses (10.77.0.x) changed to ours. */
function asIfHere(packet: Uint8Array): Uint8Array {
  const bytes = packet.slice()
  for (let at = 12; at + 3 < bytes.length; at += 1)
    if (bytes[at] === 10 && bytes[at + 1] === 77 && bytes[at + 2] === 0)
      bytes.set(bytes[at + 3] === 1 ? [10, 96, 0, 1] : [10, 96, 16], at)
  return bytes
}

/** A packet with a random selection of options, most values of a length that fits them. */
function byRule(random: Random): Uint8Array {
  const options = Array.from({ length: random.below(14) }, () => {
    const length = random.chance(70) ? random.pick([1, 2, 3, 4, 7, 17, 32]) : random.below(256)
    return [random.pick(CODES), random.bytes(length)] as const
  })
  const ciaddr = random.chance(20) ? [10, 96, 16 + random.below(16), random.below(256)] : []
  return build({
    flags: random.chance(50) ? 0x8000 : 0,
    options: [[53, [random.pick(TYPES)]], ...options],
    ciaddr,
  })
}

/** The packet with a MAC and xid of its own; most come through our relay, so that we hear the answer. */
function asSomebody(packet: Uint8Array, random: Random): Uint8Array {
  if (packet.length < FIXED_BYTES || random.chance(3)) return packet
  const bytes = packet.slice()
  const view = new DataView(bytes.buffer)
  view.setUint32(AT.xid, random.next())
  if (random.chance(95)) {
    view.setUint16(AT.chaddr, 0x5254)
    view.setUint32(AT.chaddr + 2, 0x1e000000 + random.below(random.chance(80) ? MACHINES : STRANGERS))
  }
  // giaddr that a seed has set stays.
  if (random.chance(70) && view.getUint32(AT.giaddr) === 0) {
    bytes.set(RELAY, AT.giaddr)
    bytes[AT.hops] = 1
  }
  return bytes
}
