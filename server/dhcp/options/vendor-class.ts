import { readText, startsWithText } from './value.ts'

/** What option 60 says the client is; anything but PXE and UEFI HTTP boot is an operating system's client. */
export type VendorClass = 'pxe' | 'http' | 'other'

/** What PXE firmware must find in our option 60: exactly these nine octets (PXE 2.1; iPXE compares them). */
export const PXE_CLIENT = 'PXEClient'
/** What UEFI HTTP boot must find in our option 60: exactly these ten octets (UEFI 2.10 §24.7.3). */
export const HTTP_CLIENT = 'HTTPClient'

/** Reads the beginning of option 60, e.g. of `PXEClient:Arch:00007:UNDI:003000`. */
export function readVendorClass(value: Uint8Array | undefined): VendorClass {
  if (value === undefined) return 'other'
  return startsWithText(value, PXE_CLIENT) ? 'pxe' : startsWithText(value, HTTP_CLIENT) ? 'http' : 'other'
}

/**
 * The architecture in option 60: its five decimal digits stand in where option 93 is missing or unusable (pftf on the
 * Raspberry Pi, some old ROMs).
 */
export function readVendorArch(value: Uint8Array | undefined): number | undefined {
  const digits = value === undefined ? undefined : /^[A-Za-z]+:Arch:(\d{5})/.exec(readText(value))?.[1]
  return digits === undefined ? undefined : Number(digits)
}
