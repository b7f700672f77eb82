import { describe, expect, test } from 'vitest'
import { type Ipv4, UNSPECIFIED } from '../../../config/values/ipv4.ts'
import type { Mac } from '../../../config/values/mac.ts'
import { encode } from '../../../server/dhcp/encode.ts'
import { lease } from './conformance/machine.ts'
import { BROADCAST, discover, ip, MACHINE, mac, OTHER, sceneOf, select, subnetOf, typeOf } from './scene.ts'

const INTRUDER = mac('52:54:00:99:99:99')
const SMALL = subnetOf({ pool: { start: '10.77.0.50', end: '10.77.0.57' } })

/** A probe that finds these, and is asked of what it was asked. */
function probeOf(users: Readonly<Record<string, Mac>>) {
  const asked: Ipv4[] = []
  const probe = async (address: Ipv4) => {
    asked.push(address)
    return users[address]
  }
  return { probe, asked }
}

/** Where MACHINE is sent when everything is free. */
async function firstChoice(): Promise<Ipv4> {
  const { ask } = await sceneOf(SMALL, { nowMs: 0 })
  return (await ask(discover(MACHINE)))?.yiaddr ?? UNSPECIFIED
}

describe('a new address', () => {
  test('C045 that somebody uses is skipped, told of, and out of service for a while', async () => {
    const taken = await firstChoice()
    const { probe, asked } = probeOf({ [taken]: INTRUDER })
    const clock = { nowMs: 0 }
    const { ask, leases, lines, counts } = await sceneOf(SMALL, clock, undefined, undefined, { probe })
    const offer = await ask(discover(MACHINE))
    expect(typeOf(offer)).toBe(2)
    expect(asked).toEqual([taken, offer?.yiaddr])
    expect(offer?.yiaddr).not.toBe(taken)
    expect(leases.table.leaseAt(taken)).toMatchObject({
      state: 'declined',
      mac: INTRUDER,
      expiresAtMs: 3_600_000,
    })
    expect(lines).toContain('another machine uses an address of ours')
    expect(counts).toContain('conflict: somebody uses a free address')
  })

  test('is given up after five that are in use', async () => {
    const all = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`10.77.0.${50 + at}`, INTRUDER]))
    const { probe, asked } = probeOf(all)
    const { ask, counts } = await sceneOf(SMALL, { nowMs: 0 }, undefined, undefined, { probe })
    expect(await ask(discover(MACHINE))).toBeUndefined()
    expect(new Set(asked).size).toBe(5)
    expect(counts).toContain('unanswered: every address tried is in use')
  })

  test('is offered when the machine itself answers there', async () => {
    const { probe } = probeOf({ [await firstChoice()]: MACHINE })
    const { ask } = await sceneOf(SMALL, { nowMs: 0 }, undefined, undefined, { probe })
    expect((await ask(discover(MACHINE)))?.yiaddr).toBe(await firstChoice())
  })

  test('is looked at while the DISCOVER that follows is answered at once', async () => {
    let found: (user: Mac | undefined) => void = () => {}
    const probe = () =>
      new Promise<Mac | undefined>(resolve => {
        found = resolve
      })
    const { serving, sent, ask } = await sceneOf(SMALL, { nowMs: 0 }, undefined, undefined, { probe })
    const first = ask(discover(MACHINE))
    expect(sent).toHaveLength(0)
    const again = ask({ ...discover(MACHINE), xid: 9 })
    expect(sent.map(({ packet }) => packet.xid)).toEqual([9])
    found(undefined)
    await Promise.all([first, again, serving.idle()])
    expect(sent.map(({ packet }) => packet.xid)).toEqual([9, 0x1122_3344])
  })
})

test('a lease that is being written when the probe finds somebody is not taken back', async () => {
  let found: (user: Mac | undefined) => void = () => {}
  const probe = () =>
    new Promise<Mac | undefined>(resolve => {
      found = resolve
    })
  const { serving, sent, leases } = await sceneOf(SMALL, { nowMs: 0 }, undefined, undefined, { probe })
  serving.receive(encode(discover(MACHINE)), BROADCAST)
  serving.receive(encode(discover(MACHINE)), BROADCAST)
  const address = sent[0]?.packet.yiaddr ?? UNSPECIFIED
  serving.receive(encode(select(MACHINE, address)), BROADCAST)
  found(INTRUDER)
  await serving.idle()
  expect(sent.map(({ packet }) => typeOf(packet))).toEqual([2, 5])
  expect(leases.table.leaseAt(address)).toMatchObject({ state: 'bound', mac: MACHINE })
})

test('C046 an address that the machine has is not looked at, whoever answers there', async () => {
  const clock = { nowMs: 0 }
  const { probe, asked } = probeOf({})
  const scene = await sceneOf(SMALL, clock, undefined, undefined, { probe })
  const address = await lease(scene, MACHINE)
  expect(asked).toEqual([address])
  for (const passedMs of [1000, 100_000_000]) {
    clock.nowMs += passedMs
    expect((await scene.ask(discover(MACHINE)))?.yiaddr).toBe(address)
  }
  expect(asked).toEqual([address])
})

test('nobody is looked for through a relay', async () => {
  const { probe, asked } = probeOf({})
  const { ask } = await sceneOf(SMALL, { nowMs: 0 }, undefined, undefined, { probe })
  expect((await ask({ ...discover(OTHER), giaddr: ip('10.77.0.9') }))?.giaddr).toBe('10.77.0.9')
  expect(typeOf(await ask({ ...select(OTHER, ip('10.77.0.9')), giaddr: ip('10.77.0.9') }))).toBe(6)
  expect(asked).toEqual([])
})
