import type { ImageRecipe } from '../config/image-recipe.ts'
import { type ImageFile, type Manifest, ramNeed } from '../protocol/manifest.ts'

/** What a finished build measured of its own output. */
export type BuiltFiles = {
  readonly root: ImageFile
  readonly kernel: ImageFile
  readonly initrd: ImageFile
  /** Folder name below `/usr/lib/modules`, e.g. `6.12.117+deb13-amd64`. */
  readonly kernelVersion: string
  /** Output of dpkg-query: `name version` lines. */
  readonly packages: string
}

/** The manifest of a finished build. */
export function makeManifest(
  recipe: ImageRecipe,
  recipeDigest: string,
  built: BuiltFiles,
  createdAt: string,
): Manifest {
  return {
    format: 1,
    name: recipe.name,
    recipeDigest,
    createdAt,
    files: { root: built.root, kernel: built.kernel, initrd: built.initrd },
    kernelVersion: built.kernelVersion.trim(),
    kernelArgs: [...recipe.kernelArgs],
    ramNeedBytes: ramNeed(built.root.sizeBytes, recipe.systemMemory),
    packages: parsePackages(built.packages),
  }
}

function parsePackages(text: string): Record<string, string> {
  const pairs = text.split('\n').map(line => line.split(' '))
  return Object.fromEntries(
    pairs.flatMap(([name, version]) => (name && version ? [[name, version] as const] : [])),
  )
}
