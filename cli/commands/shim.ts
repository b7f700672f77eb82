import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { printJson, renderTable, say } from '../output.ts'
import { PROJECT_DIR, WORK_DIR } from '../paths.ts'
import { findDeputy, installShims, listShims, removeShims, type Shim } from '../shim/folder.ts'

/** Installed, in an unpacked bundle, and in a clone. */
const DEPUTIES = [
  '/usr/lib/godwit/godwit-deputy',
  join(WORK_DIR, 'native', 'godwit-deputy'),
  join(PROJECT_DIR, 'native', 'godwit-deputy'),
]

type Options = { readonly dir?: string; readonly json?: boolean }

/** `godwit shim`: commands that ask where to run each time they are typed. */
export function addShim(program: Command): void {
  const shim = program
    .command('shim')
    .description('let plain commands such as java be placed, wherever they are typed')
  shim
    .command('install <command...>')
    .description('put commands into the shim folder')
    .option('--dir <folder>', 'the folder (default: ~/.local/share/godwit/shims)')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  godwit shim install java javac mvn\n  godwit shim install povray --dir /usr/local/lib/godwit/shims\n\n' +
        'GODWIT=off before a command runs it here, as if there were no shim.',
    )
    .action((names: string[], options: Options) => {
      installShims(folderOf(options), names, findDeputy(DEPUTIES))
      show(options, true)
    })
  shim
    .command('list')
    .description('the shims and the programs they stand for')
    .option('--dir <folder>', 'the folder (default: ~/.local/share/godwit/shims)')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExamples:\n  godwit shim list\n  godwit shim list --json')
    .action((options: Options) => show(options, false))
  shim
    .command('remove <command...>')
    .description('take commands out again')
    .option('--dir <folder>', 'the folder (default: ~/.local/share/godwit/shims)')
    .option('--json', 'one JSON document')
    .addHelpText('after', '\nExamples:\n  godwit shim remove java')
    .action((names: string[], options: Options) => {
      removeShims(folderOf(options), names)
      show(options, false)
    })
}

function folderOf({ dir }: Options): string {
  return dir === undefined ? join(homedir(), '.local', 'share', 'godwit', 'shims') : resolve(dir)
}

function show(options: Options, withAdvice: boolean): void {
  const folder = folderOf(options)
  const shims = listShims(folder, process.env['PATH'] ?? '')
  if (options.json) {
    printJson({ folder, shims })
    return
  }
  process.stdout.write(`${shimTable(shims, folder)}\n`)
  if (withAdvice) for (const line of shimAdvice(shims, folder, process.env['JAVA_HOME'])) say(line)
}

/** The table of `godwit shim list`. */
export function shimTable(shims: readonly Shim[], folder: string): string {
  if (shims.length === 0) return `no shims in ${folder}; make one: godwit shim install java`
  return renderTable(
    ['COMMAND', 'PROGRAM', 'IN USE'],
    shims.map(({ name, program, firstInPath }) => [name, program ?? 'not found', firstInPath ? 'yes' : 'no']),
  )
}

/** What is left to do after `install`: PATH, and the programs that go round it by JAVA_HOME. */
export function shimAdvice(
  shims: readonly Shim[],
  folder: string,
  javaHome: string | undefined,
): readonly string[] {
  const path = shims.some(({ firstInPath }) => !firstInPath)
    ? [`put this into your shell's profile: export PATH="${folder}:$PATH"`]
    : []
  const java =
    javaHome !== undefined && shims.some(({ name }) => name === 'java')
      ? [`JAVA_HOME is set: what starts ${javaHome}/bin/java goes round the shim and runs here`]
      : []
  return [...path, ...java]
}
