import type { Cidr } from '../../../config/values/cidr.ts'

/** Where the peer keeps what our server's script points at. */
export type PeerPlace = {
  /** Our server's boot HTTP, without a slash at the end. */
  readonly ownBase: string
  /** The peer's web server; the image folder is its root. */
  readonly peerBase: string
  /** The address that the peer's DHCP server leases to the machine. */
  readonly address: Cidr
}

/** The script, or why the machine cannot boot. */
export type PeerScript =
  | { readonly kind: 'script'; readonly text: string }
  | { readonly kind: 'none'; readonly reason: string }

/**
 * Our server's script for a machine, with kernel, initrd and root image fetched from the peer's web server instead
 * of ours, and the address the peer leases. The kernel's arguments, with the one-time token of this boot, stay.
 */
export function peerScript(script: string, { ownBase, peerBase, address }: PeerPlace): PeerScript {
  if (!/^kernel /m.test(script)) {
    const told = [...script.matchAll(/^echo (.*)$/gm)].map(match => match[1] ?? '').join('; ')
    return { kind: 'none', reason: told || 'the script loads no kernel' }
  }
  const text = script
    .replaceAll(`${ownBase}/images/`, `${peerBase}/`)
    .replaceAll(`${ownBase}/v1/boot-error`, `${peerBase}/boot-error`)
    .replaceAll(`${ownBase}/boot.ipxe`, `${peerBase}/boot.ipxe`)
    .replace(/\bgodwit\.ip=\S+/, `godwit.ip=${address.address}/${address.prefixLength}`)
  return { kind: 'script', text }
}
