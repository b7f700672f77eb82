import type { Ipv4 } from '../../../config/values/ipv4.ts'
import { ipv4ToBytes } from '../../../config/values/ipv4.ts'
import { readArea } from './area.ts'
import { text } from './value.ts'

/** Sub-options of option 43 for `PXEClient` (PXE 2.1 §2.2). */
const SUB = {
  discoveryControl: 6,
  bootServers: 8,
  bootMenu: 9,
  menuPrompt: 10,
  bootItem: 71,
  end: 255,
} as const
/** Discovery control: boot from the file named in the offer, without a menu and without asking a boot server. */
const FROM_OFFER = 8
/** Discovery control: ask no boot server but those listed, by neither broadcast nor multicast. */
const LISTED_ONLY = 7
/** A boot server type of our own; 0x8000 and up are the vendor's (PXE 2.1 §3.2). */
const SERVER_TYPE = [0x80, 0x00] as const

/**
 * Value of option 43 that makes PXE firmware boot from the offer at once: PXE_DISCOVERY_CONTROL (6) with bit 3,
 * END (PXE 2.1 §2.2). Without it UEFI goes on to ask port 4011.
 */
export const PXE_BYPASS: Uint8Array = Uint8Array.of(...sub(SUB.discoveryControl, [FROM_OFFER]), SUB.end)

/** The same with a prompt that waits for nobody, for ROMs that insist on one. */
export const PXE_BYPASS_PROMPT: Uint8Array = Uint8Array.of(
  ...sub(SUB.discoveryControl, [FROM_OFFER]),
  ...sub(SUB.menuPrompt, [0, ...text('PXE')]),
  SUB.end,
)

/** What a Raspberry Pi's ROM waits for: this text in a menu, its three spaces included (rpi firmware #941). */
export const PXE_RASPBERRY_PI: Uint8Array = Uint8Array.of(
  ...sub(SUB.discoveryControl, [3]),
  ...sub(SUB.menuPrompt, [0, ...text('PXE')]),
  ...sub(SUB.bootMenu, [0, 0, 20, ...text('Raspberry Pi Boot   ')]),
  SUB.end,
)

/** A menu of one entry, chosen at once, that sends the ROM to `server` on port 4011. */
export function pxeMenu(server: Ipv4): Uint8Array {
  const label = text('godwit')
  return Uint8Array.of(
    ...sub(SUB.discoveryControl, [LISTED_ONLY]),
    ...sub(SUB.bootServers, [...SERVER_TYPE, 1, ...ipv4ToBytes(server)]),
    ...sub(SUB.bootMenu, [...SERVER_TYPE, label.length, ...label]),
    ...sub(SUB.menuPrompt, [0, ...label]),
    SUB.end,
  )
}

/** The boot item a client asks its boot server for: a server type, and a layer whose bit 15 asks for credentials. */
export type BootItem = { readonly type: number; readonly layer: number }

/** Sub-option 71 of a client's option 43 (PXE 2.1 §2.2); `undefined` when there is none of four octets. */
export function readBootItem(value: Uint8Array | undefined): BootItem | undefined {
  if (value === undefined) return undefined
  const item = readArea(value).tlvs.find(tlv => tlv.code === SUB.bootItem)?.value
  if (item?.length !== 4) return undefined
  const view = new DataView(item.buffer, item.byteOffset, 4)
  return { type: view.getUint16(0), layer: view.getUint16(2) }
}

/** Value of option 43 in the answer to a client that asked for `item`. */
export function pxeBootItem({ type, layer }: BootItem): Uint8Array {
  const item = [type >>> 8, type & 255, layer >>> 8, layer & 255]
  return Uint8Array.of(...sub(SUB.bootItem, item), SUB.end)
}

function sub(code: number, value: readonly number[]): readonly number[] {
  return [code, value.length, ...value]
}
