import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { startProgram } from '../net/program.ts'
import { type Figures, rounded } from '../stats.ts'

/** How long a client may take until its process runs and it only waits. */
const SETTLE_MS = 1500

/**
 * Memory of the program that stays at home while its process runs elsewhere. `pssKiB`: its own pages, and its share of
 * those it has in common with others; `rssKiB`: all it has in memory; `privateKiB`: what nobody else has.
 */
export async function memoryAtHome(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Figures> {
  const program = startProgram(command, env)
  try {
    await program.until(/waiting/)
    await sleep(SETTLE_MS)
    return memoryFigures(await readFile(`/proc/${program.pid}/smaps_rollup`, 'utf8'))
  } finally {
    await program.end()
  }
}

/** The figures in a smaps_rollup file (proc(5)). */
export function memoryFigures(rollup: string): Figures {
  const kib = (name: string) =>
    Number(new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? Number.NaN)
  return {
    pssKiB: rounded(kib('Pss')),
    rssKiB: kib('Rss'),
    privateKiB: kib('Private_Clean') + kib('Private_Dirty'),
  }
}
