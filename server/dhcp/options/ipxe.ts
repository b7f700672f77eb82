import { readArea } from './area.ts'

/** Feature tags of iPXE's features.h that our boot decision may ask about. */
const FEATURES = {
  'pxe-ext': 0x10,
  iscsi: 0x11,
  aoe: 0x12,
  http: 0x13,
  https: 0x14,
  tftp: 0x15,
  dns: 0x17,
  bzimage: 0x18,
  efi: 0x24,
  menu: 0x27,
  nfs: 0x29,
} as const

/** A feature an iPXE build announces in option 175. */
export type IpxeFeature = keyof typeof FEATURES

/** Value of option 175 for iPXE when we are its only DHCP server: no-pxedhcp, END. Saves its 2 s proxy wait. */
export const NO_PXE_DHCP: Uint8Array = Uint8Array.of(0xb0, 1, 1, 0xff)

const NONE: readonly IpxeFeature[] = []
const NAMES = Object.keys(FEATURES) as readonly IpxeFeature[]

/** The features in option 175; none without it. VirtualBox's built-in iPXE, for one, lacks `http`. */
export function readIpxeFeatures(value: Uint8Array | undefined): readonly IpxeFeature[] {
  if (value === undefined) return NONE
  const present = new Set(readArea(value).tlvs.flatMap(tlv => ((tlv.value[0] ?? 0) > 0 ? [tlv.code] : [])))
  return NAMES.filter(name => present.has(FEATURES[name]))
}
