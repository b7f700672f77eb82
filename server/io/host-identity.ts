import { readFileSync, readlinkSync } from 'node:fs'

/** This boot of this host, and the network namespace we are in: two programs that agree on both share a network. */
export type HostIdentity = { readonly hostBootId: string; readonly netNamespace: string }

/** Reads both from /proc; empty texts (equal to nobody's) on a system without them. */
export function hostIdentity(): HostIdentity {
  try {
    return {
      hostBootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      netNamespace: readlinkSync('/proc/self/ns/net'),
    }
  } catch {
    return { hostBootId: '', netNamespace: '' }
  }
}
