import type { ImageRecipe } from '../config/image-recipe.ts'
import { baseCommand } from './base-command.ts'
import type { ImageInputs, InputFile, Sha256 } from './inputs.ts'

/**
 * Names the packages stage by all that shapes it: the mmdebstrap command (without this machine's paths) and the
 * part of the initrd that is made with it. The boot scripts are not in it: they are added later.
 */
export function baseDigest(recipe: ImageRecipe, inputs: ImageInputs, sha256: Sha256): string {
  const command = baseCommand(recipe, { mode: 'auto', initramfsDir: 'initramfs', tarPath: 'base.tar' })
  const made = inputs.initramfs.filter(file => !isBootScript(file))
  return sha256(JSON.stringify([command, fingerprints(made, sha256)]))
}

/** Names a whole build by all that goes into it; the same digest means there is nothing to build. */
export function recipeDigest(recipe: ImageRecipe, inputs: ImageInputs, sha256: Sha256): string {
  return sha256(
    JSON.stringify({
      base: baseDigest(recipe, inputs, sha256),
      recipe,
      agent: sha256(inputs.agent),
      runtime: [inputs.runtime.version, inputs.runtime.canStrip],
      overlay: fingerprints(inputs.overlay, sha256),
      bootScripts: fingerprints(inputs.initramfs.filter(isBootScript), sha256),
      assemble: sha256(inputs.assemble),
      demo: inputs.demo === undefined ? null : sha256(inputs.demo),
    }),
  )
}

/** Whether `file` of the initramfs folder is a boot script, which the packages stage does not hold. */
export function isBootScript(file: InputFile): boolean {
  return file.path.startsWith('scripts/')
}

function fingerprints(files: readonly InputFile[], sha256: Sha256): readonly (readonly unknown[])[] {
  return [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(file => [file.path, file.executable, sha256(file.bytes)])
}
