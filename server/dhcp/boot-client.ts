import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { Firmware } from '../../protocol/boot.ts'
import type { IpxeFeature } from './options/ipxe.ts'
import type { UserClass } from './options/user-class.ts'
import type { Style } from './styles/style.ts'

/** The stages of a boot that need a boot answer: firmware's PXE, our loader, UEFI HTTP boot. */
export type BootStage = 'rom' | 'ipxe' | 'uefi-http'

/** What a booting client told of itself; all that the boot decision may look at. */
export type BootClient = {
  readonly mac: Mac
  readonly stage: BootStage
  /** RFC 4578 architecture code: option 93, else the digits in option 60. */
  readonly arch?: number | undefined
  readonly firmware: Firmware
  /** The loader's own name for itself (option 77). */
  readonly userClass?: UserClass | undefined
  /** SMBIOS UUID as text (option 97); many boards share constants, so it names no machine for certain. */
  readonly machineId?: string | undefined
  /** What an iPXE build can do (option 175); empty for anything else. */
  readonly features: readonly IpxeFeature[]
}

/** What the client is to load. */
export type BootAnswer = {
  /** A file name on the TFTP server for `rom`, a URL for `ipxe` and `uefi-http`; ASCII, at most 250 characters. */
  readonly file: string
  /** The server that holds it: `siaddr`, and option 66 for ROMs. */
  readonly nextServer: Ipv4
  /** How firmware is told of it; without it, as most firmware likes it (`direct`, or `http` for UEFI HTTP boot). */
  readonly style?: Style
}

/** The boot decision, pure; `undefined` when there is nothing for this machine to boot. */
export type BootFor = (client: BootClient) => BootAnswer | undefined
