import { readText } from './value.ts'

/** What option 60 says the client is; anything but PXE and UEFI HTTP boot is an operating system's client. */
export type VendorClass = { readonly kind: 'pxe' | 'http' | 'other'; readonly arch: number | undefined }

/** What PXE firmware must find in our option 60: exactly these nine octets (PXE 2.1; iPXE compares them). */
export const PXE_CLIENT = 'PXEClient'
/** What UEFI HTTP boot must find in our option 60: exactly these ten octets (UEFI 2.10 §24.7.3). */
export const HTTP_CLIENT = 'HTTPClient'

/**
 * Reads option 60, e.g. `PXEClient:Arch:00007:UNDI:003000`. The five decimal digits stand in where option 93
 * is missing or unusable (pftf on the Raspberry Pi, some old ROMs).
 */
export function readVendorClass(value: Uint8Array | undefined): VendorClass {
  const words = value === undefined ? '' : readText(value)
  const arch = /^[A-Za-z]+:Arch:(\d{5})/.exec(words)?.[1]
  const kind = words.startsWith(PXE_CLIENT) ? 'pxe' : words.startsWith(HTTP_CLIENT) ? 'http' : 'other'
  return { kind, arch: arch === undefined ? undefined : Number(arch) }
}
