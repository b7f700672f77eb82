import { join } from 'node:path'
import type { Home } from '../../config/home.ts'
import type { Cidr } from '../../config/values/cidr.ts'
import type { Log } from '../../protocol/log.ts'
import { kernelExports } from './exportfs.ts'
import { readHomeFacts } from './io/facts.ts'
import { startGanesha } from './io/ganesha.ts'
import { exportByKernel } from './io/kernel.ts'
import { planHome } from './plan.ts'

/** What {@link startHome} needs of one link: our address there, and the networks whose nodes come by it. */
export type HomeOptions = {
  readonly config: Home
  readonly interface: string
  readonly address: Cidr['address']
  readonly networks: readonly Cidr[]
  readonly stateDir: string
  readonly log: Log
}

/** The home folder served on one link; `at` is where its nodes mount it, `undefined` when they have none. */
export type HomeServer = { readonly at: string | undefined; close(): Promise<void> }

/**
 * Serves the home folder to the nodes of one link, as the configuration has it. Where this host cannot, the log says
 * why and the nodes work without. Rejects only when the state folder cannot be written.
 */
export async function startHome(options: HomeOptions): Promise<HomeServer> {
  const { config, log, networks, address } = options
  const plan = planHome(config, await readHomeFacts(config.folder))
  if (plan.kind === 'off') return NO_HOME
  if (plan.kind === 'impossible') {
    log.warn({ reason: plan.reason, folder: config.folder }, 'the nodes have no shared home folder')
    return NO_HOME
  }
  const { folder, at } = plan
  log.info({ folder, at, server: plan.kind, interface: options.interface }, 'home folder for the nodes')
  if (plan.kind === 'kernel') {
    const { close } = await exportByKernel(kernelExports(folder, networks), log)
    return { at, close }
  }
  const dir = join(options.stateDir, 'home', options.interface)
  const { close } = await startGanesha({ share: { address, folder, at, networks }, dir, log })
  return { at, close }
}

const NO_HOME: HomeServer = { at: undefined, close: async () => undefined }
