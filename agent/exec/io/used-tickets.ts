import { closeSync, mkdirSync, openSync, readdirSync, statSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Now } from '../../../protocol/log.ts'
import type { MarkUsed } from '../ticket.ts'

/** Far longer than any ticket lives: what is older is refused as expired. */
const KEEP_MS = 3_600_000
/** Marks between two looks for old ones: a node that is up for months must not fill its RAM with them. */
const MARKS_PER_SWEEP = 1000

/**
 * Remembers used tickets as empty files in `folder`, in RAM of this boot: an agent that is restarted still knows them,
 * and a ticket of another boot is not valid anyway. Throws when the folder cannot be made.
 */
export function openUsedTickets(folder: string, now: Now): MarkUsed {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let marks = 0
  return id => {
    marks += 1
    if (marks % MARKS_PER_SWEEP === 0) sweep(folder, now() - KEEP_MS)
    try {
      closeSync(openSync(join(folder, id), 'wx', 0o600))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }
}

function sweep(folder: string, beforeMs: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).mtimeMs < beforeMs) unlinkSync(path)
  }
}
