import { expect, test } from 'vitest'
import { OPTION } from '../../../server/dhcp/options/code.ts'
import { createMemoryStore } from '../../../server/store/memory.ts'
import { discover, ip, MACHINE, OTHER, octets, packetOf, sceneOf, subnetOf, typeOf } from './scene.ts'

const ACK = 5

test("a lease that an earlier version wrote is its machine's still", async () => {
  const clock = { nowMs: 0 }
  const store = createMemoryStore({ now: () => clock.nowMs })
  const address = ip('10.77.0.60')
  const value = {
    ip: address,
    mac: MACHINE,
    state: 'bound',
    stage: 'os',
    expiresAtMs: 600_000,
    seenAtMs: 0,
  }
  await store.transact(
    [],
    [
      { kind: 'put', key: `lease/ip/${address}`, value },
      { kind: 'put', key: `lease/mac/${MACHINE}`, value: { ip: address } },
    ],
  )
  const { ask } = await sceneOf(subnetOf(), clock, store)
  expect(await ask(discover(OTHER, [[OPTION.requestedIp, octets(address)]]))).not.toMatchObject({
    yiaddr: address,
  })
  const renewal = packetOf({ ciaddr: address, options: [[OPTION.messageType, [3]]] })
  expect(typeOf(await ask(renewal))).toBe(ACK)
  expect((await store.get(`lease/ip/${address}`))?.value).toMatchObject({ mac: MACHINE, state: 'bound' })
})
