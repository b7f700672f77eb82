import { encodedSizeBytes } from './encode.ts'
import { type Options, optionSizeBytes } from './options/area.ts'
import { OPTION } from './options/code.ts'
import { inWireOrder } from './ordered-options.ts'
import { type DhcpPacket, FILE_BYTES, SNAME_BYTES } from './packet.ts'

/** NetBIOS name servers and their kin (RFC 2132 §8.5 to §8.8). */
const NETBIOS = [44, 45, 46, 47]
/** What goes first when a reply is too long; the boot file names come last, the header fields carry them too. */
const EXPENDABLE: readonly number[] = [
  ...NETBIOS,
  OPTION.ntp,
  OPTION.domainSearch,
  OPTION.staticRoutes,
  OPTION.rootPath,
  OPTION.fqdn,
  OPTION.hostName,
  OPTION.domain,
  OPTION.tftpServer,
  OPTION.bootFile,
]
/** What a client cannot do without, and what is given back. */
const VITAL: ReadonlySet<number> = new Set([
  OPTION.subnetMask,
  OPTION.router,
  OPTION.dns,
  OPTION.broadcast,
  OPTION.vendorSpecific,
  OPTION.leaseSeconds,
  OPTION.overload,
  OPTION.messageType,
  OPTION.serverId,
  OPTION.message,
  OPTION.renewalSeconds,
  OPTION.rebindingSeconds,
  OPTION.vendorClass,
  OPTION.clientId,
  OPTION.relayAgent,
  OPTION.machineId,
  OPTION.subnetSelection,
  OPTION.ipxe,
])

/**
 * Leaves out options until the datagram fits `limitBytes`: ROMs cannot put IP fragments together. Those that only
 * the configuration knows go first. What is vital stays, even if it is too long.
 */
export function fitToLimit(options: Options, limitBytes: number): Options {
  if (encodedSizeBytes(options) <= limitBytes) return options
  const kept = new Map(options)
  const unknown = [...options.keys()].filter(code => !VITAL.has(code) && !EXPENDABLE.includes(code)).reverse()
  for (const code of [...unknown, ...EXPENDABLE]) {
    if (encodedSizeBytes(kept) <= limitBytes) break
    kept.delete(code)
  }
  return kept
}

/**
 * Moves options into the `file` and `sname` fields (option 52) when they do not fit otherwise. Only for systems,
 * whose fields are empty: iPXE and ROMs read them as names. What still does not fit is left out.
 */
export function spillToLimit(packet: DhcpPacket, limitBytes: number): DhcpPacket {
  let sizeBytes = encodedSizeBytes(packet.options)
  if (sizeBytes <= limitBytes) return packet
  const spilled = { file: [] as number[], sname: [] as number[] }
  const room = { file: FILE_BYTES - 1, sname: SNAME_BYTES - 1 }
  sizeBytes += optionSizeBytes(OVERLOAD_BOTH)
  for (const code of inWireOrder(packet.options).toReversed()) {
    if (sizeBytes <= limitBytes) break
    if (VITAL.has(code)) continue
    const optionBytes = optionSizeBytes(packet.options.get(code) ?? OVERLOAD_BOTH)
    const field = optionBytes <= room.file ? 'file' : optionBytes <= room.sname ? 'sname' : undefined
    if (field === undefined) continue
    spilled[field].unshift(code)
    room[field] -= optionBytes
    sizeBytes -= optionBytes
  }
  const moved = new Set([...spilled.file, ...spilled.sname])
  const staying = new Map([...packet.options].filter(([code]) => !moved.has(code)))
  const kept = fitToLimit(staying, limitBytes - optionSizeBytes(OVERLOAD_BOTH))
  const options = new Map([...packet.options].filter(([code]) => moved.has(code) || kept.has(code)))
  return { ...packet, options, ...(moved.size === 0 ? {} : { spilled }) }
}

const OVERLOAD_BOTH = Uint8Array.of(3)
