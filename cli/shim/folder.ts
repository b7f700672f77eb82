import { existsSync, lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { GodwitError } from '../../protocol/errors.ts'

/** A command that asks godwit where it shall run, and the program it stands for. */
export type Shim = {
  readonly name: string
  readonly path: string
  /** The real program by today's PATH; `null` where there is none. */
  readonly program: string | null
  /** Whether a shell with today's PATH runs the shim. */
  readonly firstInPath: boolean
}

const DEPUTY = 'godwit-deputy'
/** What may be a command's name: no slash, no space, no leading dash. */
const NAME = /^[A-Za-z0-9_][A-Za-z0-9._+-]*$/

/** The deputy to point shims at: the installed one, or the one that this clone has built. */
export function findDeputy(candidates: readonly string[]): string {
  const found = candidates.find(path => existsSync(path))
  if (found !== undefined) return found
  throw new GodwitError('GW_SHIM', `the deputy is not built: none of ${candidates.join(', ')} is there`)
}

/** Makes `folder/NAME` lead to the deputy. What is there and is no shim stays, and is an error. */
export function installShims(folder: string, names: readonly string[], deputy: string): void {
  for (const name of names) {
    if (!NAME.test(name) || name === DEPUTY)
      throw new GodwitError('GW_SHIM', `${JSON.stringify(name)} is no name of a command`)
    if (exists(join(folder, name)) && !isShim(join(folder, name)))
      throw new GodwitError('GW_SHIM', `${join(folder, name)} is there already, and is no shim`)
  }
  mkdirSync(folder, { recursive: true })
  for (const name of names) {
    rmSync(join(folder, name), { force: true })
    symlinkSync(deputy, join(folder, name))
  }
}

/** Removes shims; a name that is none is an error, and nothing is removed. */
export function removeShims(folder: string, names: readonly string[]): void {
  for (const name of names)
    if (!isShim(join(folder, name))) throw new GodwitError('GW_SHIM', `there is no shim ${name} in ${folder}`)
  for (const name of names) rmSync(join(folder, name))
}

/** The shims of a folder by name, looked at with the search path `path`. */
export function listShims(folder: string, path: string): readonly Shim[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter(name => isShim(join(folder, name)))
    .sort()
    .map(name => {
      const found = path
        .split(':')
        .map(place => join(place === '' ? '.' : place, name))
        .filter(exists)
      return {
        name,
        path: join(folder, name),
        program: found.find(candidate => !isShim(candidate)) ?? null,
        firstInPath: found[0] === join(folder, name),
      }
    })
}

function isShim(path: string): boolean {
  return exists(path) && lstatSync(path).isSymbolicLink() && basename(readlinkSync(path)) === DEPUTY
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
