import type { ImageRecipe } from '../config/image-recipe.ts'
import { describeProblems } from '../config/load.ts'
import { ImageDigest } from '../config/values/node-id.ts'
import { GodwitError } from '../protocol/errors.ts'
import type { Log } from '../protocol/log.ts'
import { manifestText } from '../protocol/manifest.ts'
import type { BuildMode } from './base-command.ts'
import { baseDigest, recipeDigest } from './digest.ts'
import type { ImageInputs } from './inputs.ts'
import { isWhole, listImages, setChannel } from './io/catalog.ts'
import { gatherInputs, PROJECT_DIR } from './io/gather.ts'
import { sha256 } from './io/hash.ts'
import { checkAsRoot } from './io/preflight.ts'
import { publish, readBuilt } from './io/publish.ts'
import { runStep } from './io/run-step.ts'
import { baseContext, isRoot, readTextFile } from './io/surroundings.ts'
import { makeWorkDir, removeTree } from './io/work-dir.ts'
import { makeManifest } from './manifest.ts'
import { type PlanContext, planBuild, type Step } from './plan.ts'
import { parseRecipe } from './recipe.ts'

/** How far a build is: step `index` (from 1) of `count`, and the last line its command printed. */
export type BuildProgress = {
  readonly index: number
  readonly count: number
  readonly title: string
  readonly elapsedMs: number
  readonly line: string
  readonly isDone: boolean
}

/** What to build, and where to. Folders and files are absolute paths or relative to the working directory. */
export type BuildOptions = {
  readonly recipePath: string
  readonly imageDir: string
  readonly cacheDir: string
  /** Channel to point at the image; none when undefined. */
  readonly channel?: string | undefined
  readonly mode?: BuildMode
  /** Entry file of the agent; the project's own by default. */
  readonly agentEntry?: string
  /** Fetch packages anew even though nothing changed here: Debian's archive may have. */
  readonly refresh?: boolean
  readonly onProgress?: (progress: BuildProgress) => void
  readonly signal?: AbortSignal
  readonly log: Log
}

/** A finished build. `cached`: it was there already. `sizeBytes`: root image, kernel and initrd together. */
export type BuildResult = {
  readonly digest: ImageDigest
  readonly sizeBytes: number
  readonly cached: boolean
  readonly seconds: number
}

/** The steps that a build would take now, for `--dry-run`. Throws GW_IMAGE_RECIPE. */
export async function planImage(options: BuildOptions): Promise<readonly Step[]> {
  const { recipe, inputs } = await prepare(options)
  return planBuild(recipe, inputs, await contextOf(options, recipe, inputs, `${options.imageDir}/.build`))
}

/**
 * Builds the image of a recipe, or finds it built. A build that is cut short at any moment leaves no image and
 * moves no channel. Throws GW_IMAGE_RECIPE, GW_IMAGE_BUILD, or the signal's reason.
 */
export async function buildImage(options: BuildOptions): Promise<BuildResult> {
  const startedMs = performance.now()
  const { recipe, inputs } = await prepare(options)
  const wanted = recipeDigest(recipe, inputs, sha256)
  const present = options.refresh ? undefined : await findBuilt(options.imageDir, wanted)
  const image = present ?? (await build(options, recipe, inputs, wanted))
  if (options.channel !== undefined)
    await setChannel(options.imageDir, options.channel, { ...pick(image), setAt: new Date().toISOString() })
  const seconds = Math.round(performance.now() - startedMs) / 1000
  options.log.info({ ...image, cached: present !== undefined, seconds }, 'image is there')
  return { ...image, cached: present !== undefined, seconds }
}

type Image = { readonly digest: ImageDigest; readonly sizeBytes: number }

function pick({ digest }: Image): { digest: ImageDigest } {
  return { digest }
}

async function prepare(options: BuildOptions): Promise<{ recipe: ImageRecipe; inputs: ImageInputs }> {
  const text = await readTextFile(options.recipePath).catch((cause: Error) => {
    throw new GodwitError('GW_IMAGE_RECIPE', `the recipe cannot be read: ${cause.message}`, { cause })
  })
  const parsed = parseRecipe(text, options.recipePath)
  if (parsed.kind === 'invalid')
    throw new GodwitError(
      'GW_IMAGE_RECIPE',
      `${options.recipePath} has problems:\n${describeProblems(parsed.problems)}`,
    )
  const entry = options.agentEntry ?? `${PROJECT_DIR}/agent/main.ts`
  return { recipe: parsed.recipe, inputs: await gatherInputs(parsed.recipe, entry) }
}

async function findBuilt(imageDir: string, wanted: string): Promise<Image | undefined> {
  for (const { digest, manifest, dir } of await listImages(imageDir)) {
    const isWanted = manifest.recipeDigest === wanted && (await isWhole(dir, manifest))
    if (isWanted) return { digest, sizeBytes: totalSize(manifest.files) }
  }
  return undefined
}

async function build(
  options: BuildOptions,
  recipe: ImageRecipe,
  inputs: ImageInputs,
  recipeName: string,
): Promise<Image> {
  await checkAsRoot(isRoot())
  const workDir = await makeWorkDir(options.imageDir, isRoot())
  try {
    const context = await contextOf(options, recipe, inputs, workDir)
    await runSteps(planBuild(recipe, inputs, context), options)
    const createdAt = new Date(context.epochSeconds * 1000).toISOString()
    const manifest = makeManifest(recipe, recipeName, await readBuilt(`${workDir}/out`), createdAt)
    const digest = ImageDigest.parse(sha256(manifestText(manifest)))
    await publish(`${workDir}/out`, manifest, `${options.imageDir}/${digest}`)
    return { digest, sizeBytes: totalSize(manifest.files) }
  } finally {
    await removeTree(workDir, isRoot())
  }
}

async function runSteps(steps: readonly Step[], options: BuildOptions): Promise<void> {
  const signal = options.signal ?? new AbortController().signal
  for (const [index, step] of steps.entries()) {
    const startedMs = performance.now()
    const tell = (line: string, isDone: boolean): void =>
      options.onProgress?.({
        index: index + 1,
        count: steps.length,
        title: step.title,
        elapsedMs: Math.round(performance.now() - startedMs),
        line,
        isDone,
      })
    tell('', false)
    await runStep(step, signal, line => tell(line, false))
    tell('', true)
  }
}

async function contextOf(
  options: BuildOptions,
  recipe: ImageRecipe,
  inputs: ImageInputs,
  workDir: string,
): Promise<PlanContext> {
  const digest = baseDigest(recipe, inputs, sha256)
  return { mode: options.mode ?? 'auto', workDir, ...(await baseContext(options, digest)) }
}

function totalSize(files: Record<string, { readonly sizeBytes: number }>): number {
  return Object.values(files).reduce((sum, file) => sum + file.sizeBytes, 0)
}
