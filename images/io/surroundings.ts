import { access, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { PlanContext } from '../plan.ts'
import { removeLeftovers } from './work-dir.ts'

/** Packages stages kept in the cache: the current one and the one before, 0.5 GB each. */
const KEPT_BASES = 2

/** Whether this process is root. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** The text of a file; throws with the path in the message. */
export function readTextFile(path: string): Promise<string> {
  return readFile(path, 'utf8')
}

/**
 * What a plan must know of this machine: who we are, which packages stage is cached, what time it is
 * (`SOURCE_DATE_EPOCH` when set). Removes stages that are half, or older than the newest two.
 */
export async function baseContext(
  options: { readonly cacheDir: string; readonly refresh?: boolean },
  digest: string,
): Promise<Pick<PlanContext, 'isRoot' | 'base' | 'epochSeconds'>> {
  const cacheDir = resolve(options.cacheDir)
  await mkdir(cacheDir, { recursive: true })
  await removeLeftovers(cacheDir, '.partial-', isRoot())
  const path = join(cacheDir, `base-${digest}.tar`)
  await removeOldBases(cacheDir, path)
  const isCached = options.refresh !== true && (await exists(path))
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? Number.NaN)
  return {
    isRoot: isRoot(),
    base: { path, partialPath: join(cacheDir, `.partial-${process.pid}`), isCached },
    epochSeconds: Number.isInteger(epoch) ? epoch : Math.floor(Date.now() / 1000),
  }
}

async function removeOldBases(cacheDir: string, current: string): Promise<void> {
  const names = (await readdir(cacheDir)).filter(name => /^base-[0-9a-f]{64}\.tar$/.test(name))
  const others = names.map(name => join(cacheDir, name)).filter(path => path !== current)
  const dated = await Promise.all(others.map(async path => ({ path, mtimeMs: (await stat(path)).mtimeMs })))
  const old = dated.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(KEPT_BASES - 1)
  await Promise.all(old.map(({ path }) => rm(path, { force: true })))
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
