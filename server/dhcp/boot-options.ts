import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { BootAnswer } from './boot-client.ts'
import type { BootTurn } from './frozen-boot.ts'
import { memo } from './memo.ts'
import { OPTION } from './options/code.ts'
import { NO_PXE_DHCP } from './options/ipxe.ts'
import { PXE_BYPASS, PXE_BYPASS_PROMPT, PXE_RASPBERRY_PI, pxeMenu } from './options/pxe-vendor.ts'
import { nulText, text } from './options/value.ts'
import { HTTP_CLIENT, PXE_CLIENT } from './options/vendor-class.ts'
import type { OptionPairs } from './ordered-options.ts'
import { type DhcpPacket, FILE_BYTES } from './packet.ts'
import { STYLES, type Style } from './styles/style.ts'

/** Who we are to the client: the server of its address, or a proxy (port 67 or 4011) beside that server. */
export type Role = 'only' | 'proxy'

/** The style of a turn. */
export function styleOf({ stage, boot }: BootTurn): Style {
  return boot?.style ?? STYLES[stage === 'uefi-http' ? 'http' : 'direct']
}

/** What makes firmware and loaders boot, asked for or not. */
export function bootOptions(turn: BootTurn, role: Role): OptionPairs {
  const { stage, boot } = turn
  if (stage === 'os') return []
  if (stage === 'ipxe') return ipxeOptions(boot, role)
  return boot === undefined ? [] : firmwareOptions(turn, boot)
}

/**
 * iPXE gets its script, and from the only server "do not wait for a proxyDHCP" but no 60: that would make it treat us
 * as a proxy. From a proxy it wants exactly that 60, and `siaddr` and `file` filled, or it goes on to port 4011.
 */
function ipxeOptions(boot: BootAnswer | undefined, role: Role): OptionPairs {
  const own = role === 'only' ? NO_PROXY_WAIT : PXE_CLASS
  return boot === undefined ? [own] : [own, fileOption(boot.file)]
}

type Pair = OptionPairs[number]
const NO_PROXY_WAIT: Pair = [OPTION.ipxe, NO_PXE_DHCP]
const PXE_CLASS: Pair = [OPTION.vendorClass, text(PXE_CLIENT)]
const HTTP_CLASS: Pair = [OPTION.vendorClass, text(HTTP_CLIENT)]
const fileOption = memo((file: string): Pair => [OPTION.bootFile, nulText(file)])
const serverOption = memo((server: Ipv4): Pair => [OPTION.tftpServer, nulText(server)])

function firmwareOptions(turn: BootTurn, boot: BootAnswer): OptionPairs {
  const style = styleOf(turn)
  const isHttp = turn.stage === 'uefi-http'
  const hasFile = style.names === 'header-and-options' || style.names === 'options'
  const hasServer = !isHttp && (hasFile || style.names === 'header-and-server')
  const vendorSpecific = vendorSpecificOf(style.vendorSpecific, boot)
  const pairs: Pair[] = []
  if (style.vendorClass) pairs.push(isHttp ? HTTP_CLASS : PXE_CLASS)
  if (vendorSpecific !== undefined) pairs.push([OPTION.vendorSpecific, vendorSpecific])
  if (hasServer) pairs.push(serverOption(boot.nextServer))
  if (hasFile) pairs.push(fileOption(boot.file))
  return pairs
}

function vendorSpecificOf(kind: Style['vendorSpecific'], { nextServer }: BootAnswer): Uint8Array | undefined {
  switch (kind) {
    case 'bypass':
      return PXE_BYPASS
    case 'bypass-prompt':
      return PXE_BYPASS_PROMPT
    case 'raspberry-pi':
      return PXE_RASPBERRY_PI
    case 'menu':
      return pxeMenu(nextServer)
    case 'none':
      return undefined
  }
}

/**
 * `sname` and `file`, which most ROMs read rather than 66 and 67. UEFI HTTP boot takes its URL from 67; a
 * URL too long for `file` goes there alone as well, for a cut one would fetch something else.
 */
export function bootFields(turn: BootTurn): Pick<DhcpPacket, 'sname' | 'file'> {
  const { stage, boot } = turn
  const { names } = styleOf(turn)
  if (boot === undefined || (stage !== 'ipxe' && !names.startsWith('header'))) return { sname: '', file: '' }
  return {
    sname: stage === 'rom' ? boot.nextServer : '',
    file: boot.file.length < FILE_BYTES ? boot.file : '',
  }
}
