import type { BootMachine } from '../../config/boot-machine.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { BootAnswer, BootClient } from '../dhcp/boot-client.ts'
import { chooseLoader, type LoaderRequest } from './loader.ts'
import { machineSettings } from './machine-settings.ts'

/** Where this server's boot services listen, which loaders they have, and what is set for single machines. */
export type BootServices = {
  readonly address: Ipv4
  readonly httpPort: number
  readonly loaders: ReadonlySet<string>
  readonly machines: readonly BootMachine[]
}

/** What a machine is to load, or why nothing. `note` is something an administrator should hear of once. */
export type BootDecision =
  | { readonly kind: 'boot'; readonly answer: BootAnswer; readonly note?: string }
  | { readonly kind: 'none'; readonly reason: string }

/** What this machine did with its loaders before. */
type LoaderHistory = Pick<LoaderRequest, 'learnt' | 'failed'>

/**
 * What a booting machine is told in DHCP: a ROM gets a loader by TFTP, UEFI HTTP boot gets its URL, an iPXE that can
 * HTTP gets the script. An iPXE without HTTP (VirtualBox' reduced build) gets our full loader; that one says HTTP, so
 * no loader is ever handed to itself.
 */
export function decideBoot(
  client: BootClient,
  services: BootServices,
  history: LoaderHistory = {},
): BootDecision {
  const nextServer = services.address
  const base = `http://${services.address}:${services.httpPort}`
  if (client.stage === 'ipxe' && client.features.includes('http')) {
    return { kind: 'boot', answer: { file: `${base}/boot.ipxe`, nextServer } }
  }
  const wanted = machineSettings(services.machines, client.mac).loader
  const choice = chooseLoader({ ...client, ...history, wanted }, services.loaders)
  if (choice.kind === 'none') return choice
  const file = client.stage === 'uefi-http' ? `${base}/loaders/${choice.name}` : choice.name
  const { note } = choice
  return { kind: 'boot', answer: { file, nextServer }, ...(note === undefined ? {} : { note }) }
}
