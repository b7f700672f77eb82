import { type Cidr, cidrContains } from '../../config/values/cidr.ts'
import { type Ipv4, UNSPECIFIED } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { ImageDigest } from '../../config/values/node-id.ts'
import type { Firmware } from '../../protocol/boot.ts'
import type { Now } from '../../protocol/log.ts'
import type { Manifest } from '../../protocol/manifest.ts'
import type { BootQuery } from '../http/boot-query.ts'
import { type Dialect, IPXE } from './dialect.ts'
import { kernelArgs } from './kernel-args.ts'
import type { LocalBoot } from './local-boot.ts'

/** The image a machine boots, or why there is none. */
export type ImageChoice =
  | { readonly kind: 'image'; readonly digest: ImageDigest; readonly manifest: Manifest }
  | { readonly kind: 'none'; readonly reason: string }

/** A network machines boot in, and the way out of it. */
export type BootNetwork = {
  readonly cidr: Cidr
  readonly gateway: Ipv4 | undefined
  readonly dns: Ipv4 | undefined
}

/** What does not change from machine to machine, and the two things that must be asked. */
export type PrepareOptions = {
  readonly link: Cidr
  /** The networks machines may be in, the link's own first. */
  readonly networks: readonly [BootNetwork, ...BootNetwork[]]
  readonly now: Now
  readonly ports: { readonly http: number; readonly api: number; readonly agent: number }
  readonly caFingerprint: string
  readonly kernelArgs: readonly string[]
  /** Folder the machines of this link mount from us; none when undefined. */
  readonly home?: string | undefined
  image(): Promise<ImageChoice>
  /** The address our DHCP gave this machine; `undefined` when it was not us. */
  leasedTo(mac: Mac): Ipv4 | undefined
  /** How this machine goes on when there is nothing to boot; `undefined`: as its firmware usually does. */
  localBoot?(mac: Mac): LocalBoot | undefined
  /** Starts a boot: a name for the machine and its one-time token. */
  prepareBoot(machine: {
    mac: Mac
    firmware: Firmware
  }): Promise<{ bootId: string; token: string; nodeName: string }>
}

/** The script for the machine that asks, in its loader's language; one that tells the reason when it cannot boot. */
export async function prepareMachine(
  query: BootQuery,
  remote: Ipv4,
  options: PrepareOptions,
  dialect: Dialect = IPXE,
): Promise<string> {
  const localBoot = options.localBoot?.(query.mac)
  const stopScript = (message: string) => dialect.stop(message, localBoot)
  if (query.arch !== 'x86_64') return stopScript(processorMessage(query.arch))
  const leased = options.leasedTo(query.mac)
  if (leased !== undefined && remote !== UNSPECIFIED && remote !== leased) {
    // A script holds a token to join as this machine: only the machine itself may have it.
    return stopScript(`${query.mac} has the address ${leased}, but this request comes from ${remote}`)
  }
  const image = await options.image()
  if (image.kind === 'none') return stopScript(image.reason)
  const boot = await options.prepareBoot({ mac: query.mac, firmware: query.fw })
  const base = `http://${options.link.address}:${options.ports.http}`
  const url = (name: string) => `${base}/images/${image.digest}/${name}?mac=${query.mac.replaceAll(':', '-')}`
  const { files } = image.manifest
  const network = networkOf(query, remote, options)
  const args = kernelArgs(
    {
      mac: query.mac,
      address: { address: network.ip, prefixLength: network.cidr.prefixLength },
      gateway: network.gateway,
      dns: network.dns,
      nowMs: options.now(),
      name: boot.nodeName,
      server: options.link.address,
      ports: options.ports,
      caFingerprint: options.caFingerprint,
      token: boot.token,
      bootId: boot.bootId,
      home: options.home,
      image: {
        digest: image.digest,
        rootUrl: url(files.root.name),
        rootSha256: files.root.sha256,
        rootSizeBytes: files.root.sizeBytes,
        ramNeedBytes: image.manifest.ramNeedBytes,
      },
    },
    [...image.manifest.kernelArgs, ...options.kernelArgs],
  )
  return dialect.boot({
    name: boot.nodeName,
    kernelUrl: url(files.kernel.name),
    initrdUrl: url(files.initrd.name),
    kernelArgs: args,
    retryUrl: `${base}/boot.ipxe`,
    errorUrl: `${base}/v1/boot-error?mac=${query.mac.replaceAll(':', '-')}`,
    localBoot,
  })
}

/** iPXE and GRUB call a PC whose processor lacks long mode `i386`; the others are named as they name themselves. */
function processorMessage(arch: string): string {
  const have = arch === 'i386' ? 'a 32-bit processor' : `a processor of the kind ${arch}`
  return `this machine has ${have}, the image needs a 64-bit PC (x86_64)`
}

/** iPXE's own word for its address if it lies in a network of ours, else the address the request came from. */
function networkOf(
  { ip }: BootQuery,
  remote: Ipv4,
  { networks }: PrepareOptions,
): BootNetwork & { readonly ip: Ipv4 } {
  const find = (address: Ipv4) => networks.find(({ cidr }) => cidrContains(cidr, address))
  const told = ip === undefined ? undefined : find(ip)
  return told !== undefined && ip !== undefined
    ? { ...told, ip }
    : { ...(find(remote) ?? networks[0]), ip: remote }
}
