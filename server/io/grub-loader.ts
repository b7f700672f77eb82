import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { type LoadedLoader, readLoader } from './loader-files.ts'

/** Where Debian's grub-efi-ia32-bin has GRUB's modules. */
const MODULES_DIR = '/usr/lib/grub/i386-efi'
/** What the network boot of one machine needs; all of it goes into the image, nothing is loaded later. */
const MODULES = [
  ...['normal', 'echo', 'sleep', 'test', 'cat', 'cpuid', 'reboot', 'halt', 'configfile', 'minicmd'],
  ...['net', 'efinet', 'http', 'tftp', 'linux', 'serial', 'terminal'],
  // The kernel has no picture until its own driver runs unless the loader hands it the firmware's.
  ...['video', 'efi_gop', 'efi_uga'],
]
/** The largest image GRUB was seen to make of these is 0.8 MB, in 0.1 s. */
const BUILD_LIMIT_MS = 60_000

/** The loader, or in one sentence why there is none. */
export type GrubLoader =
  | { readonly kind: 'loader'; readonly loader: LoadedLoader }
  | { readonly kind: 'none'; readonly reason: string }

/**
 * The loader for 32-bit UEFI: GRUB with `script` built in. Debian has no iPXE for it. It is made once and kept in
 * `folder` until the script or the package changes; older ones are removed. Never rejects.
 */
export async function buildGrubLoader(folder: string, script: string): Promise<GrubLoader> {
  const kernel = await stat(join(MODULES_DIR, 'kernel.img')).catch(() => undefined)
  if (kernel === undefined)
    return { kind: 'none', reason: 'no loader for 32-bit UEFI: install the package grub-efi-ia32-bin' }
  // dpkg keeps a file's date, so size and date change with the package's version and with nothing else.
  const facts = JSON.stringify([kernel.size, kernel.mtimeMs, MODULES, script])
  const prefix = 'grub-ia32-'
  const name = `${prefix}${createHash('sha256').update(facts).digest('hex').slice(0, 16)}.efi`
  try {
    await mkdir(folder, { recursive: true })
    const path = join(folder, name)
    const kept = await readLoader(path).catch(() => undefined)
    if (kept !== undefined) return { kind: 'loader', loader: kept }
    await build(folder, path, script)
    await removeOthers(folder, prefix, name)
    return { kind: 'loader', loader: await readLoader(path) }
  } catch (error) {
    return { kind: 'none', reason: `no loader for 32-bit UEFI: ${problemOf(error)}` }
  }
}

async function build(folder: string, path: string, script: string): Promise<void> {
  const scriptPath = `${path}.cfg`
  const halfPath = `${path}.part`
  await writeFile(scriptPath, script)
  await execa(
    'grub-mkstandalone',
    [
      ...['--format=i386-efi', `--directory=${MODULES_DIR}`, `--modules=${MODULES.join(' ')}`],
      ...['--install-modules=', '--fonts=', '--locales=', '--themes=', `--output=${halfPath}`],
      `boot/grub/grub.cfg=${scriptPath}`,
    ],
    { cwd: folder, timeout: BUILD_LIMIT_MS, stdin: 'ignore' },
  )
  await rename(halfPath, path)
  await rm(scriptPath)
}

async function removeOthers(folder: string, prefix: string, name: string): Promise<void> {
  for (const other of await readdir(folder))
    if (other.startsWith(prefix) && other !== name) await rm(join(folder, other))
}

function problemOf(error: unknown): string {
  const { code, stderr, message } = error as { code?: string; stderr?: string; message: string }
  if (code === 'ENOENT') return 'install the package grub-common'
  return stderr?.trim().split('\n').at(-1) || message
}
