import type { Cidr } from '../../config/values/cidr.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import { type Mac, macToBootif } from '../../config/values/mac.ts'
import type { ImageDigest } from '../../config/values/node-id.ts'

/** All that initrd and agent learn from the kernel command line; nothing secret but the one-time token. */
export type KernelFacts = {
  readonly mac: Mac
  readonly address: Cidr
  readonly gateway?: Ipv4 | undefined
  readonly dns?: Ipv4 | undefined
  readonly name: string
  readonly server: Ipv4
  readonly ports: { readonly http: number; readonly api: number; readonly agent: number }
  readonly caFingerprint: string
  readonly token: string
  readonly bootId: string
  /** Folder to mount from `server` by NFS, under the same name; none when undefined. */
  readonly home?: string | undefined
  /** Wall clock of the server; an old PC's own may be years off, and TLS and tickets need one. */
  readonly nowMs: number
  readonly image: {
    readonly digest: ImageDigest
    readonly rootUrl: string
    readonly rootSha256: string
    readonly rootSizeBytes: number
    readonly ramNeedBytes: number
  }
}

/**
 * The kernel arguments of one boot. The address is handed over (`godwit.ip`), so neither initrd nor system asks DHCP
 * again; `BOOTIF` names the card the machine booted from. Later arguments win, so `extra` comes last.
 */
export function kernelArgs(facts: KernelFacts, extra: readonly string[]): readonly string[] {
  const { image, ports } = facts
  return [
    'boot=godwit',
    `BOOTIF=${macToBootif(facts.mac)}`,
    `godwit.ip=${facts.address.address}/${facts.address.prefixLength}`,
    ...(facts.gateway ? [`godwit.gw=${facts.gateway}`] : []),
    ...(facts.dns ? [`godwit.dns=${facts.dns}`] : []),
    `godwit.name=${facts.name}`,
    `godwit.mac=${facts.mac}`,
    `godwit.server=${facts.server}`,
    `godwit.http=${ports.http}`,
    `godwit.api=${ports.api}`,
    `godwit.agent=${ports.agent}`,
    `godwit.ca=${facts.caFingerprint}`,
    `godwit.token=${facts.token}`,
    `godwit.boot=${facts.bootId}`,
    ...(facts.home ? [`godwit.home=${facts.home}`] : []),
    `godwit.image=${image.digest}`,
    `godwit.root=${image.rootUrl}`,
    `godwit.sha256=${image.rootSha256}`,
    `godwit.size=${image.rootSizeBytes}`,
    `godwit.time=${Math.floor(facts.nowMs / 1000)}`,
    `godwit.ram=${image.ramNeedBytes}`,
    ...extra,
  ]
}
