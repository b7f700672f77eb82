import type { ServerConfig } from '../../config/server.ts'
import type { Cidr } from '../../config/values/cidr.ts'

/** The DHCP settings that hold on one link. */
export type DhcpConfig = ServerConfig['dhcp']

/**
 * An IPv4 address a NIC has. `index` is the kernel's number of the NIC: a NIC that was unplugged and came back has
 * another one, and sockets bound to the old one are deaf.
 */
export type PresentAddress = { readonly interface: string; readonly index: number; readonly cidr: Cidr }

/** A NIC we should serve; without `address`, on the first one it has. */
export type WantedLink = {
  readonly interface: string
  readonly address?: Cidr | undefined
  /** What differs from the common settings here. */
  readonly dhcp: Partial<DhcpConfig>
}

/** A NIC we serve, our address there, and the DHCP settings that hold there. */
export type ServedLink = PresentAddress & { readonly dhcp: DhcpConfig }
