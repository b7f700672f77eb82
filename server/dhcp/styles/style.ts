import type { StyleName } from '../../../config/values/style-name.ts'

/** How the boot half of a reply to firmware is written. iPXE and systems are not subject to it. */
export type Style = {
  readonly name: StyleName
  /** Whether option 60 (`PXEClient`, `HTTPClient`) is in the reply. */
  readonly vendorClass: boolean
  /** What option 43 says. */
  readonly vendorSpecific: 'bypass' | 'bypass-prompt' | 'menu' | 'raspberry-pi' | 'none'
  /** Where server and file are named: `sname` and `file` of the header, options 66 and 67 (`server`: 66 alone). */
  readonly names: 'header-and-options' | 'header-and-server' | 'header' | 'options' | 'none'
  /** Whether option 97 is given back. */
  readonly machineId: boolean
  /** As a proxy: answer also the REQUEST with which the client takes the other server's address. */
  readonly answersRequests: boolean
}

/** The style most firmware takes (3.3's P1): boot at once from what the offer names. */
const DIRECT: Style = {
  name: 'direct',
  vendorClass: true,
  vendorSpecific: 'bypass',
  names: 'header-and-options',
  machineId: true,
  answersRequests: false,
}

/** Every style by name; why each is there stands beside it. */
export const STYLES: Readonly<Record<StyleName, Style>> = {
  direct: DIRECT,
  /** For ROMs that insist on a prompt; what dnsmasq sends without a menu. */
  prompt: { ...DIRECT, name: 'prompt', vendorSpecific: 'bypass-prompt' },
  /** Nothing but "ask me on port 4011" (P2, BINL): HP DL380 G9 ignores the file in a proxy's offer. */
  redirect: { ...DIRECT, name: 'redirect', vendorSpecific: 'none', names: 'none' },
  /** A menu of one entry chosen at once (P3): very old ROMs know server discovery only. */
  menu: { ...DIRECT, name: 'menu', vendorSpecific: 'menu', names: 'none' },
  /** What any DHCP server with next-server and filename sends: for firmware that stops at option 43 or 60. */
  plain: { ...DIRECT, name: 'plain', vendorClass: false, vendorSpecific: 'none' },
  /** The least there is: for firmware that chokes on an option it did not expect, 97 above all. */
  lean: { ...DIRECT, name: 'lean', names: 'header', machineId: false },
  /** For firmware that reads its file from the answers to its REQUEST, not from the offers. */
  request: { ...DIRECT, name: 'request', answersRequests: true },
  /** The Raspberry Pi's ROM looks for a text in the menu and for its server in option 66. */
  'raspberry-pi': {
    ...DIRECT,
    name: 'raspberry-pi',
    vendorSpecific: 'raspberry-pi',
    names: 'header-and-server',
  },
  /** UEFI HTTP boot: the URL in option 67. */
  http: { ...DIRECT, name: 'http', vendorSpecific: 'none', names: 'options' },
  /** The URL in `file` too. */
  'http-header': { ...DIRECT, name: 'http-header', vendorSpecific: 'none' },
}
