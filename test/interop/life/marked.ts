import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

/** One process with a mark in its environment; `program` is the file it executes. */
export type Marked = { readonly pid: number; readonly parent: number; readonly program: string }

/** Variable that a test's runs carry, so that whatever of them is left anywhere can be found. */
export const MARK = 'GODWIT_TEST_MARK'

/**
 * The processes that carry `mark` in the network namespace `space`, or in our own; one that ends meanwhile is none.
 */
export function markedIn(space: string | undefined, mark: string): readonly Marked[] {
  const wanted = statSync(space === undefined ? '/proc/self/ns/net' : `/run/netns/${space}`).ino
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        if (statSync(`/proc/${name}/ns/net`).ino !== wanted) return []
        if (!readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(`${MARK}=${mark}`))
          return []
        const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1])
        return [{ pid: Number(name), parent, program: readlinkSync(`/proc/${name}/exe`) }]
      } catch {
        return []
      }
    })
}
