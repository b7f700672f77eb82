import { expect, it } from 'vitest'
import { Mac } from '../../../../config/values/mac.ts'
import { doctorMac } from '../../../../protocol/doctor.ts'
import { MESSAGE } from '../../../../server/dhcp/options/code.ts'
import type { Request } from '../../../../server/dhcp/request.ts'
import { createOffers } from '../../../../server/dhcp/styles/offers.ts'

/** How often a machine that asks anew every four seconds and follows no offer is given another style. */
function stylesGivenUp(mac: Mac): number {
  let nowMs = 0
  const offers = createOffers({
    bootFor: () => undefined,
    isProxy: () => false,
    memory: { recall: () => undefined, remember: () => undefined, idle: async () => undefined },
    fixedStyle: () => undefined,
    now: () => nowMs,
  })
  return Array.from({ length: 12 }, (_, xid) => {
    nowMs += 4000
    const client = { arch: 7, firmware: 'uefi', stage: 'rom', mac }
    const request = { messageType: MESSAGE.discover, stage: 'rom', client, mac, packet: { xid } }
    return offers.heard(request as unknown as Request)
  }).filter(progress => progress !== undefined).length
}

it('tries no styles on the doctor, who follows none', () => {
  expect(stylesGivenUp(Mac.parse('52:54:00:00:00:01'))).toBeGreaterThan(1)
  expect(stylesGivenUp(doctorMac(7))).toBe(0)
})
