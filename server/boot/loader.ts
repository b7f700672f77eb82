import type { Firmware } from '../../protocol/boot.ts'

/** A loader file by the name it has on TFTP and HTTP. Names are short and flat: 1999's ROMs cut them at 64 octets. */
export type LoaderName = 'undionly.kpxe' | 'snponly.efi'

/** What a machine's firmware tells before it has a loader; `arch` is option 93's first known code (RFC 4578 §2.1). */
export type LoaderRequest = { readonly firmware: Firmware; readonly arch?: number | undefined }

/** The loader, or why there is none. */
export type LoaderChoice =
  | { readonly kind: 'loader'; readonly name: LoaderName }
  | { readonly kind: 'none'; readonly reason: string }

/** IANA processor architecture types that run an x64 UEFI loader: 7 and 9 both mean x64 (RFC 4578 erratum), 16, 17 over HTTP. */
const UEFI_X64 = new Set([7, 9, 16, 17])
/** 0 is the PC BIOS, 20 the BIOS over HTTP. */
const BIOS = new Set([0, 20])

/**
 * Loaders that use the firmware's own network driver: they work on every card that booted so far and keep the link
 * up, where a native driver would reset it.
 */
export function chooseLoader(request: LoaderRequest): LoaderChoice {
  const { arch } = request
  if (arch === undefined)
    return { kind: 'loader', name: request.firmware === 'bios' ? 'undionly.kpxe' : 'snponly.efi' }
  if (BIOS.has(arch)) return { kind: 'loader', name: 'undionly.kpxe' }
  if (UEFI_X64.has(arch)) return { kind: 'loader', name: 'snponly.efi' }
  return { kind: 'none', reason: `no loader for client architecture ${arch}` }
}
