import * as z from 'zod'
import { Ipv4 } from '../config/values/ipv4.ts'
import { Mac } from '../config/values/mac.ts'

/** The firmware family a machine boots with; `uefi-http` is UEFI HTTP boot. */
export const Firmware = z.enum(['bios', 'uefi', 'uefi-http'])
export type Firmware = z.output<typeof Firmware>

/**
 * The stages of one boot in the order they happen. The first half is seen by the server (DHCP, TFTP, HTTP),
 * the second half is told by the node (initrd script, agent).
 */
export const STAGES = [
  'dhcp-offer',
  'dhcp-ack',
  'loader',
  'ipxe',
  'script',
  'kernel',
  'initrd',
  'initrd-start',
  'network',
  'root-fetch',
  'root-verified',
  'switch-root',
  'agent-start',
  'joined',
  'ready',
  'failed',
] as const
/** One of the {@link STAGES}. */
export const StageName = z.enum(STAGES)
export type StageName = z.output<typeof StageName>

/** One thing seen of a booting machine. `detail` is one line for people. */
export const BootEvent = z.object({
  mac: Mac,
  stage: StageName,
  atMs: z.number(),
  detail: z.string().max(500).optional(),
  firmware: Firmware.optional(),
  ip: Ipv4.optional(),
})
export type BootEvent = z.output<typeof BootEvent>

/** Hands a boot event to whoever keeps the timelines; never throws, never waits. */
export type OnBootEvent = (event: BootEvent) => void
