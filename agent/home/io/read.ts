import { readFileSync } from 'node:fs'
import type { HomeState } from '../../../protocol/home.ts'
import { homeState } from '../state.ts'

/** Where images/overlay/usr/lib/godwit/mount-home leaves what it failed with. */
const PROBLEM_FILE = '/run/godwit/home-problem'

/** How this node stands to the home folder now; `undefined` when the boot parameters name none. */
export function readHome(folder: string | undefined): HomeState | undefined {
  if (folder === undefined) return undefined
  return homeState(folder, read('/proc/self/mountinfo'), read(PROBLEM_FILE))
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
