import { LOOP_SCRIPT } from '../dhcp/loader-loop.ts'
import { stopScript } from './script.ts'

/** The scripts that any loader of this link may fetch by name, over TFTP or HTTP. */
export type FirstScripts = { readonly ipxe: string; readonly grub: string }

const LOOP_MESSAGE =
  'this machine loads its loader again and again; see boot.machines[].loader in docs/config.md for another one'

/**
 * A file that is made up rather than stored, by its path (as segments): in any folder, since loaders look beside
 * themselves and in the root. iPXE builds since 2022 fetch `autoexec.ipxe` before anything else and run it instead of
 * asking DHCP again; a GRUB that was chain-loaded by somebody (a signed one, after shim) looks for `grub.cfg`.
 * `loop.ipxe` is what DHCP names to a machine that goes round in circles.
 */
export function virtualFile(path: readonly string[], scripts: FirstScripts): string | undefined {
  const name = path.at(-1)
  if (name === 'autoexec.ipxe' || name === 'boot.ipxe') return scripts.ipxe
  if (name === 'grub.cfg') return scripts.grub
  if (name === LOOP_SCRIPT) return stopScript(LOOP_MESSAGE)
  return undefined
}
