import type { ImageRecipe } from '../config/image-recipe.ts'
import { type BuildMode, baseCommand } from './base-command.ts'
import type { ImageInputs } from './inputs.ts'
import { asRootArgv } from './namespace.ts'
import { AGENT_DIR, overlayEntries } from './overlay.ts'

/** One thing a step does. Paths are absolute. */
export type Action =
  | {
      readonly kind: 'write'
      readonly path: string
      readonly bytes: Uint8Array
      readonly executable: boolean
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  | { readonly kind: 'copy'; readonly from: string; readonly to: string }
  | { readonly kind: 'move'; readonly from: string; readonly to: string }
  | {
      readonly kind: 'run'
      readonly argv: readonly string[]
      readonly env: Readonly<Record<string, string>>
    }

/** A named part of a build; `title` is for people. */
export type Step = {
  readonly name: 'files' | 'runtime' | 'packages' | 'root'
  readonly title: string
  readonly actions: readonly Action[]
}

/** Where and how this build runs. All folders are absolute. */
export type PlanContext = {
  readonly mode: BuildMode
  /** Whether we are root already; otherwise a user namespace makes us so. */
  readonly isRoot: boolean
  /** Folder of this build; everything in it goes away at its end. */
  readonly workDir: string
  /** The packages stage: its final path, and whether it is there. */
  readonly base: { readonly path: string; readonly partialPath: string; readonly isCached: boolean }
  /** Time stamp of every file in the image, seconds since the epoch. */
  readonly epochSeconds: number
}

/** All steps of a build in order; what is cached has no step. The image's files end up in `workDir`/out. */
export function planBuild(recipe: ImageRecipe, inputs: ImageInputs, context: PlanContext): readonly Step[] {
  return [
    filesStep(recipe, inputs, context),
    runtimeStep(inputs, context),
    ...(context.base.isCached ? [] : [packagesStep(recipe, context)]),
    rootStep(recipe, context),
  ]
}

function filesStep(recipe: ImageRecipe, inputs: ImageInputs, { workDir }: PlanContext): Step {
  const overlay = overlayEntries(recipe, inputs).map(
    (entry): Action =>
      entry.kind === 'link'
        ? { kind: 'link', path: `${workDir}/overlay/${entry.path}`, target: entry.target }
        : { ...entry, kind: 'write', path: `${workDir}/overlay/${entry.path}` },
  )
  const initramfs = inputs.initramfs.map(
    (file): Action => ({ ...file, kind: 'write', path: `${workDir}/initramfs/${file.path}` }),
  )
  const assemble: Action = {
    kind: 'write',
    path: `${workDir}/assemble.sh`,
    bytes: inputs.assemble,
    executable: true,
  }
  const demo: readonly Action[] =
    inputs.demo === undefined
      ? []
      : [{ kind: 'write', path: `${workDir}/out/demo.java`, bytes: inputs.demo, executable: false }]
  return { name: 'files', title: 'agent and files', actions: [...overlay, ...initramfs, assemble, ...demo] }
}

function runtimeStep({ runtime }: ImageInputs, { workDir }: PlanContext): Step {
  const to = `${workDir}/overlay/${AGENT_DIR}/node`
  const strip: readonly Action[] = runtime.canStrip ? [{ kind: 'run', argv: ['strip', to], env: {} }] : []
  return {
    name: 'runtime',
    title: `Node.js ${runtime.version} for the agent${runtime.canStrip ? '' : ', unstripped (no binutils)'}`,
    actions: [{ kind: 'copy', from: runtime.path, to }, ...strip],
  }
}

function packagesStep(recipe: ImageRecipe, { mode, isRoot, workDir, base }: PlanContext): Step {
  const argv = baseCommand(recipe, {
    mode,
    initramfsDir: `${workDir}/initramfs`,
    tarPath: base.partialPath,
  })
  return {
    name: 'packages',
    title: `${recipe.packages.length} packages of Debian ${recipe.suite} and what they need`,
    actions: [
      // Without root mmdebstrap works under ids that see only what everybody sees, so not in somebody's home.
      { kind: 'run', argv, env: isRoot ? { TMPDIR: workDir } : {} },
      { kind: 'move', from: base.partialPath, to: base.path },
    ],
  }
}

function rootStep(recipe: ImageRecipe, context: PlanContext): Step {
  const { workDir, base, epochSeconds } = context
  const asRoot = [...asRootArgv(context.isRoot), '--mount', '--pid', '--fork', '--kill-child', '--']
  const script = [`${workDir}/assemble.sh`, base.path, `${workDir}/overlay`, `${workDir}/initramfs`]
  return {
    name: 'root',
    title: 'root image and initrd',
    actions: [
      {
        kind: 'run',
        argv: [...asRoot, ...script, `${workDir}/out`],
        env: {
          ...assembleEnvironment(recipe),
          GODWIT_DEVICES: context.isRoot ? 'make' : 'bind',
          SOURCE_DATE_EPOCH: String(epochSeconds),
        },
      },
    ],
  }
}

function assembleEnvironment({ removePaths, demo, squashfs }: ImageRecipe): Readonly<Record<string, string>> {
  return {
    GODWIT_REMOVE: removePaths.join('\n'),
    GODWIT_DEMO_JAR: demo?.jar ?? '',
    GODWIT_DEMO_CLASS: demo?.source.replace(/^.*\//, '').replace(/\.java$/, '') ?? '',
    GODWIT_SQUASHFS: `-comp zstd -Xcompression-level ${squashfs.zstdLevel} -b ${squashfs.blockSizeKib}K -no-fragments -noI`,
  }
}
