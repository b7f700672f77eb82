import { expect } from 'vitest'
import { ipv4ToNumber } from '../../../../config/values/ipv4.ts'
import { captureBytes } from '../captures.ts'
import { BROADCAST, type Scene, sceneOf, subnetOf } from '../scene.ts'

/** Every reply must fit, and go to one host that is not us, or to all by the limited broadcast. */
export function expectHarmless({ sent, counts }: Scene) {
  for (const { bytes, to } of sent) {
    expect(bytes.length).toBeGreaterThanOrEqual(300)
    expect(bytes.length).toBeLessThanOrEqual(1472)
    const first = ipv4ToNumber(to.address) >>> 24
    expect(to.address === '255.255.255.255' || (first > 0 && first !== 127 && first < 224)).toBe(true)
    expect(to.address).not.toBe('10.77.0.1')
  }
  expect(counts).not.toContain('unanswered: error')
}

/** Raw bytes into a fresh server; what it did must be harmless. */
export async function survives(all: readonly Uint8Array[], source = BROADCAST, subnet = subnetOf()) {
  const clock = { nowMs: 0 }
  const scene = await sceneOf(subnet, clock)
  for (const bytes of all) {
    clock.nowMs += 10
    scene.serving.receive(bytes, source)
  }
  await scene.serving.idle()
  expectHarmless(scene)
  return scene
}

/** A packet with these octets in its option field, `file` and `sname`. */
export const raw = (
  options: readonly number[],
  file: readonly number[] = [],
  sname: readonly number[] = [],
) => {
  const bytes = new Uint8Array(Math.max(300, 240 + options.length))
  bytes.set(captureBytes('dhcp_dhclient_discover').subarray(0, 44))
  bytes.set(sname.slice(0, 64), 44)
  bytes.set(file.slice(0, 128), 108)
  bytes.set([0x63, 0x82, 0x53, 0x63, ...options], 236)
  return bytes
}
