import type { ServerConfig } from '../../config/server.ts'
import type { Ipv4 } from '../../config/values/ipv4.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { Log, Now } from '../../protocol/log.ts'
import type { BootFor } from '../dhcp/boot-client.ts'
import { buildGrubLoader } from '../io/grub-loader.ts'
import type { LoadedLoader } from '../io/loader-files.ts'
import { decideBoot } from './answer.ts'
import { firstScript } from './first-script.ts'
import { grubFirstScript } from './grub-script.ts'
import type { LoaderMemory } from './loader-memory.ts'
import { createTrials } from './loader-trials.ts'
import { type FirstScripts, virtualFile } from './virtual-file.ts'

/** What the boot decisions of one link are made of; `loaders` are those of the disk, `loaderCache` a folder of ours. */
export type BootOptions = {
  readonly config: Pick<ServerConfig, 'boot' | 'http'>
  readonly address: Ipv4
  readonly loaders: ReadonlyMap<string, LoadedLoader>
  readonly loaderCache: string
  readonly memory: LoaderMemory
  readonly log: Log
  readonly now: Now
}

/** What one link hands its machines before they have a system. */
export type Boot = {
  readonly bootFor: BootFor
  /** Told of each loader that a machine fetched whole: one that is not heard of again is not offered again. */
  loaderSent(mac: Mac, name: string): void
  /** Told of each machine that asks for its script: its loader works. */
  scriptAsked(mac: Mac): void
  readonly scripts: FirstScripts
  loader(name: string): LoadedLoader | undefined
  /** Whether a path, as it is written, names one of the {@link FirstScripts}. */
  isScript(path: string): boolean
  /** The octets under a path (as segments): a script of ours in any folder, a loader in the root. */
  file(path: readonly string[]): Uint8Array | undefined
}

/** Machines whose odd architecture or missing loader has been told; more of them are told again. */
const TOLD_MAX = 1000

/** Makes the scripts and loaders of one link. Never rejects: a loader that cannot be made is a line in the log. */
export async function openBoot(options: BootOptions): Promise<Boot> {
  const { config, address, log } = options
  const httpPort = config.http.port
  const scripts = { ipxe: firstScript(address, httpPort), grub: grubFirstScript(address, httpPort) }
  const loaders = new Map(options.loaders)
  const grub = await buildGrubLoader(options.loaderCache, scripts.grub)
  if (grub.kind === 'loader') loaders.set('grub-ia32.efi', grub.loader)
  else log.info({}, grub.reason)
  const services = { address, httpPort, loaders: new Set(loaders.keys()), machines: config.boot.machines }
  const isNews = createNews()
  const trials = createTrials(options)
  return {
    scripts,
    loaderSent: trials.sent,
    scriptAsked: trials.calledBack,
    loader: name => loaders.get(name),
    isScript: path => virtualFile(path.split('/'), scripts) !== undefined,
    file: path => {
      const script = virtualFile(path, scripts)
      if (script !== undefined) return new TextEncoder().encode(script)
      return path.length === 1 ? loaders.get(path[0] ?? '')?.bytes : undefined
    },
    bootFor: client => {
      const decision = decideBoot(client, services, trials.asked(client))
      const text = decision.kind === 'none' ? decision.reason : decision.note
      if (text !== undefined && isNews(`${client.mac} ${text}`))
        log.warn({ mac: client.mac, arch: client.arch }, text)
      return decision.kind === 'boot' ? decision.answer : undefined
    },
  }
}

/** Whether a text is heard for the first time: a machine asks four times a minute, the log hears of it once. */
function createNews(): (text: string) => boolean {
  const told = new Set<string>()
  return text => {
    if (told.has(text)) return false
    if (told.size >= TOLD_MAX) told.clear()
    told.add(text)
    return true
  }
}
