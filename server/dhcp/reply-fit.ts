import { encodedSizeBytes } from './encode.ts'
import type { Options } from './options/area.ts'
import { OPTION } from './options/code.ts'

/** What goes first when a reply is too long; the boot file names come last, the header fields carry them too. */
const EXPENDABLE = [
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

/** Leaves out options until the datagram fits `limitBytes`: ROMs cannot put IP fragments together. */
export function fitToLimit(options: Options, limitBytes: number): Options {
  if (encodedSizeBytes(options) <= limitBytes) return options
  const kept = new Map(options)
  for (const code of EXPENDABLE) {
    if (encodedSizeBytes(kept) <= limitBytes) break
    kept.delete(code)
  }
  return kept
}
