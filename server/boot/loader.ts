import type { LoaderName } from '../../config/values/loader-name.ts'
import type { Firmware } from '../../protocol/boot.ts'
import { familyOf, type LoaderFamily } from './architecture.ts'

/**
 * What a machine's firmware tells before it has a loader; `arch` is option 93's first known code (RFC 4578 §2.1).
 * `wanted` is the loader the administrator chose for this machine, `learnt` the one it started when others failed,
 * `failed` those that it fetched since and that were not heard of again.
 */
export type LoaderRequest = {
  readonly firmware: Firmware
  readonly arch?: number | undefined
  readonly wanted?: LoaderName | undefined
  readonly learnt?: LoaderName | undefined
  readonly failed?: readonly LoaderName[]
}

/** The loader, or why there is none. `note` is something an administrator should hear of once. */
export type LoaderChoice =
  | { readonly kind: 'loader'; readonly name: LoaderName; readonly note?: string }
  | { readonly kind: 'none'; readonly reason: string }

/** What is known of one family: its loaders, the usual one first, and the Debian packages they come from. */
type Family = { readonly loaders: readonly LoaderName[]; readonly packages: string }

/**
 * First the loaders that use the firmware's own network driver: they work on every card that booted so far and keep
 * the link up, where a native driver resets it and meets spanning tree again.
 */
const FAMILIES: Readonly<Record<LoaderFamily, Family>> = {
  bios: { loaders: ['undionly.kpxe', 'ipxe.pxe', 'undionly.kkpxe'], packages: 'ipxe' },
  'uefi-x64': { loaders: ['snponly.efi', 'ipxe.efi'], packages: 'ipxe' },
  'uefi-ia32': { loaders: ['grub-ia32.efi'], packages: 'grub-efi-ia32-bin and grub-common' },
  'uefi-arm64': { loaders: ['ipxe-arm64.efi'], packages: 'ipxe (of Debian 13 or newer)' },
}

/**
 * The loader for a machine, of those that are `available`: the administrator's choice where it runs there (one MAC may
 * boot by BIOS today and by UEFI tomorrow), else what the machine taught, else the family's first that has not failed.
 */
export function chooseLoader(request: LoaderRequest, available: ReadonlySet<string>): LoaderChoice {
  const { arch, wanted } = request
  const verdict = familyOf(arch, request.firmware)
  if (verdict.kind === 'unsupported')
    return { kind: 'none', reason: `no loader for ${verdict.name} (architecture ${arch})` }
  const { loaders, packages } = FAMILIES[verdict.family]
  const fitting = loaders.filter(name => available.has(name))
  const untried = fitting.filter(loader => request.failed?.includes(loader) !== true)
  const name =
    fitting.find(loader => loader === wanted) ??
    untried.find(loader => loader === request.learnt) ??
    untried[0] ??
    fitting[0]
  if (name === undefined)
    return { kind: 'none', reason: `the loader ${loaders[0]} is missing: install the package ${packages}` }
  const note = noteOf(request, verdict.kind === 'guessed', name)
  return note === undefined ? { kind: 'loader', name } : { kind: 'loader', name, note }
}

function noteOf({ arch, wanted }: LoaderRequest, guessed: boolean, name: LoaderName): string | undefined {
  if (guessed) return `architecture ${arch} is in no list; it gets ${name}`
  if (wanted !== undefined && wanted !== name) return `${wanted} does not fit or is missing; it gets ${name}`
  return undefined
}
