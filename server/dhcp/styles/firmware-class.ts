import * as z from 'zod'
import type { StyleName } from '../../../config/values/style-name.ts'
import type { BootClient } from '../boot-client.ts'
import { isRaspberryPi } from './raspberry-pi.ts'

/** Firmware that shares a list of styles. */
export const FirmwareClass = z.enum(['bios', 'uefi', 'uefi-http', 'raspberry-pi'])
export type FirmwareClass = z.output<typeof FirmwareClass>

/** The class of a client at a stage that is not iPXE. */
export function firmwareClassOf(
  client: Omit<BootClient, 'stage'>,
  stage: BootClient['stage'],
): FirmwareClass {
  if (stage === 'uefi-http') return 'uefi-http'
  return isRaspberryPi(client) ? 'raspberry-pi' : client.firmware
}

/** What is tried for each class, the likeliest first. */
const ORDERS: Readonly<Record<FirmwareClass, readonly StyleName[]>> = {
  bios: ['direct', 'prompt', 'redirect', 'menu', 'plain', 'lean', 'request'],
  // No menu: UEFI hangs on one with a single entry (dnsmasq 2.76).
  uefi: ['direct', 'redirect', 'plain', 'prompt', 'lean', 'request'],
  'uefi-http': ['http', 'http-header'],
  'raspberry-pi': ['raspberry-pi', 'direct'],
}

/**
 * The styles to try, in order: what worked for this machine before comes first. A style that only a proxy can carry
 * out is left out when we lease the addresses ourselves.
 */
export function stylesFor(
  firmware: FirmwareClass,
  asProxy: boolean,
  remembered: StyleName | undefined,
): readonly StyleName[] {
  const order = ORDERS[firmware].filter(name => asProxy || name !== 'request')
  if (remembered === undefined || !order.includes(remembered)) return order
  return [remembered, ...order.filter(name => name !== remembered)]
}
