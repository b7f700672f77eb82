import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { BootAnswer, BootClient } from '../dhcp/boot-client.ts'
import { chooseLoader } from './loader.ts'

/** Where this server's boot services listen. */
export type BootServices = { readonly address: Ipv4; readonly httpPort: number }

/**
 * What a booting machine is told in DHCP: a ROM gets a loader by TFTP, UEFI HTTP boot gets its URL, an iPXE that can
 * HTTP gets the script. An iPXE without HTTP (VirtualBox' reduced build) gets our full loader; that one says HTTP, so
 * no loader is ever handed to itself. `undefined`: nothing for this architecture.
 */
export function bootAnswer(client: BootClient, services: BootServices): BootAnswer | undefined {
  const base = `http://${services.address}:${services.httpPort}`
  if (client.stage === 'ipxe' && client.features.includes('http')) {
    return { file: `${base}/boot.ipxe`, nextServer: services.address }
  }
  const choice = chooseLoader(client)
  if (choice.kind === 'none') return undefined
  const file = client.stage === 'uefi-http' ? `${base}/loaders/${choice.name}` : choice.name
  return { file, nextServer: services.address }
}
