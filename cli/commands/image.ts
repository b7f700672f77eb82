import type { Command } from 'commander'
import { formatBytes } from '../../config/values/bytes.ts'
import { formatDuration, printJson, renderTable } from '../output.ts'
import { CACHE_DIR, DEFAULT_RECIPE, IMAGE_DIR } from '../paths.ts'

type BuildFlags = { recipe: string; images: string; channel: string; dryRun?: boolean; json?: boolean }

/** `godwit image build|list`. */
export function addImage(program: Command): void {
  const image = program.command('image').description('build and list the images that machines boot')

  image
    .command('build')
    .description('build the image of a recipe, or find that nothing changed, and point a channel at it')
    .option('--recipe <file>', 'recipe', DEFAULT_RECIPE)
    .option('--images <dir>', 'folder of the built images', IMAGE_DIR)
    .option('--channel <name>', 'channel to point at the image', 'stable')
    .option('--dry-run', 'print the plan and do nothing')
    .option('--json', 'one JSON object: digest, sizes, seconds')
    .addHelpText(
      'after',
      '\nExamples:\n  godwit image build\n  godwit image build --dry-run\n  godwit image build --recipe my.yaml --channel test',
    )
    .action(async (flags: BuildFlags) => buildCommand(flags))

  image
    .command('list')
    .description('list the built images, newest first')
    .option('--images <dir>', 'folder of the built images', IMAGE_DIR)
    .option('--json', 'one JSON array')
    .action(async (flags: { images: string; json?: boolean }) => {
      const { listImages } = await import('../../images/io/catalog.ts')
      const images = await listImages(flags.images)
      if (flags.json) return printJson(images)
      if (images.length === 0)
        return void process.stdout.write('no image yet; build one: godwit image build\n')
      const rows = images.map(entry => [
        entry.digest.slice(0, 12),
        entry.manifest.name,
        entry.manifest.createdAt,
        formatBytes(entry.manifest.files.root.sizeBytes),
        formatBytes(entry.manifest.ramNeedBytes),
      ])
      process.stdout.write(`${renderTable(['DIGEST', 'NAME', 'BUILT', 'ROOT', 'NEEDS RAM'], rows)}\n`)
    })
}

async function buildCommand(flags: BuildFlags): Promise<void> {
  const { buildImage, planImage } = await import('../../images/build.ts')
  const { printPlan } = await import('../../images/print-plan.ts')
  const { showBuild } = await import('../build-progress.ts')
  const { createLog } = await import('../../server/io/log.ts')
  const options = {
    recipePath: flags.recipe,
    imageDir: flags.images,
    cacheDir: CACHE_DIR,
    channel: flags.channel,
  }
  if (flags.dryRun) {
    const steps = await planImage({ ...options, log: createLog('warn') })
    if (flags.json) printJson(steps.map(({ title }) => ({ title })))
    else process.stdout.write(printPlan(steps))
    return
  }
  const built = await showBuild(options, buildImage)
  if (flags.json) return printJson(built)
  const what = built.cached ? 'nothing changed' : `built in ${formatDuration(built.seconds * 1000)}`
  process.stdout.write(
    `${what}: ${built.digest.slice(0, 12)} (${formatBytes(built.sizeBytes)}), channel ${flags.channel}\n`,
  )
}
