import type { ImageRecipe } from '../config/image-recipe.ts'
import type { ImageInputs } from './inputs.ts'

/** One thing to lay over the packages; `path` is relative to the root of the tree. */
export type OverlayEntry =
  | { readonly kind: 'file'; readonly path: string; readonly bytes: Uint8Array; readonly executable: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

/** Where the agent and its runtime lie on a node. */
export const AGENT_DIR = 'usr/lib/godwit'

/** The program that stands in for a placed one, and does so under the name of every shim. */
export const DEPUTY = 'godwit-deputy'

const SHIM_DIR = `${AGENT_DIR}/shims`
const UNIT_DIR = 'usr/lib/systemd/system'
/** Units of ours that start with the system. */
const UNITS = ['godwit-agent.service', 'godwit-home.service']

/** Everything of ours in the tree but the runtime, which is too big to hold in memory. */
export function overlayEntries(recipe: ImageRecipe, inputs: ImageInputs): readonly OverlayEntry[] {
  return [
    ...inputs.overlay.map(file => ({ kind: 'file' as const, ...file })),
    { kind: 'file', path: `${AGENT_DIR}/agent.cjs`, bytes: inputs.agent, executable: false },
    ...UNITS.map(unit => ({
      kind: 'link' as const,
      path: `etc/systemd/system/sysinit.target.wants/${unit}`,
      target: `/${UNIT_DIR}/${unit}`,
    })),
    ...recipe.shims.map(name => ({
      kind: 'link' as const,
      path: `${SHIM_DIR}/${name}`,
      target: `/${AGENT_DIR}/${DEPUTY}`,
    })),
    ...recipe.maskUnits.map(unit => ({
      kind: 'link' as const,
      path: `etc/systemd/system/${unit}`,
      target: '/dev/null',
    })),
    ...recipe.files.map(file => ({
      kind: 'file' as const,
      path: file.path.slice(1),
      bytes: new TextEncoder().encode(file.text),
      executable: file.executable,
    })),
  ]
}
