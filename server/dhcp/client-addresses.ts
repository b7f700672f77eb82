import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'

/** Which machine has which address, as heard: a proxy leases none and must learn them. */
export type ClientAddresses = {
  learn(ip: Ipv4, mac: Mac): void
  macOf(ip: Ipv4): Mac | undefined
}

/** Addresses remembered; beyond it the one learnt first goes. */
const MAX_ADDRESSES = 4096

/** An empty memory of addresses. */
export function createClientAddresses(): ClientAddresses {
  const macs = new Map<Ipv4, Mac>()
  return {
    learn(ip, mac) {
      macs.delete(ip)
      macs.set(ip, mac)
      const oldest = macs.size > MAX_ADDRESSES ? macs.keys().next().value : undefined
      if (oldest !== undefined) macs.delete(oldest)
    },
    macOf: ip => macs.get(ip),
  }
}
