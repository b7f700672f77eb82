import { execFile } from 'node:child_process'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { WORK_DIR } from '../../../cli/paths.ts'

/** Programs compiled for the benches. */
const BIN_DIR = join(WORK_DIR, 'bench', 'bin')
/** Headers that several load clients share. */
const SHARED_HEADERS = new URL('../load/', import.meta.url).pathname

/**
 * Compiles one C file (a load client) unless that was done since it, or a header beside it, changed; resolves with the
 * program's path. Load clients are in C so that they take little of the CPU they share with the server they measure.
 * Throws an error that names the missing package.
 */
export async function compileLoad(source: string): Promise<string> {
  const program = join(BIN_DIR, basename(source, '.c'))
  const sources = [source, ...(await headersIn(dirname(source))), ...(await headersIn(SHARED_HEADERS))]
  const changedMs = Math.max(...(await Promise.all(sources.map(modifiedMs))))
  if ((await modifiedMs(program)) > changedMs) return program
  await mkdir(BIN_DIR, { recursive: true })
  try {
    await promisify(execFile)('cc', ['-O2', '-Wall', '-o', program, source, '-lpthread'])
  } catch (error) {
    throw new Error(explain(error as Partial<NodeJS.ErrnoException & { stderr: string }>, source))
  }
  return program
}

function explain(error: Partial<NodeJS.ErrnoException & { stderr: string }>, source: string): string {
  if (error.code === 'ENOENT')
    return 'there is no C compiler; install gcc and libc6-dev (scripts/setup bench does)'
  if (/fatal error: \w+\.h/.test(error.stderr ?? ''))
    return `the C library's headers are missing; install libc6-dev:\n${error.stderr}`
  return `cannot compile ${source}:\n${error.stderr ?? String(error)}`
}

async function headersIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names.filter(name => name.endsWith('.h')).map(name => join(folder, name))
}

/** Time of the last change in milliseconds; 0 when there is no such file. */
async function modifiedMs(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
}
