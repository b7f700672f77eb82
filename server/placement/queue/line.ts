import type { ProcessId } from '../../../config/values/node-id.ts'

/** One who waits for memory. `passes` counts the others that came later and were placed before it. */
export type Waiting = { readonly id: ProcessId; readonly sinceMs: number; readonly passes: number }

/** All who wait, the one who waits longest first. */
export type Line = readonly Waiting[]

/**
 * How often one who waits may be passed by others that find room where it does not (smaller ones, as a rule). Then the
 * first node that can have the room is kept for it, as EASY does for the head of its queue (Lifka, JSSPP 1995).
 */
export const PASSES_MAX = 16

/** The line with one more, behind all who wait longer. A person who comes back after a restart keeps her place. */
export function joined(line: Line, id: ProcessId, sinceMs: number): Line {
  const behind = line.filter(other => other.sinceMs > sinceMs)
  const ahead = line.filter(other => other.sinceMs <= sinceMs)
  return [...ahead, { id, sinceMs, passes: 0 }, ...behind]
}

/** The line without one, who gave up; nobody was passed. */
export function gaveUp(line: Line, id: ProcessId): Line {
  return line.filter(other => other.id !== id)
}

/** The line after one of it, or one who came after all (not in it), was placed: those ahead were passed once more. */
export function served(line: Line, id: ProcessId): Line {
  const at = line.findIndex(other => other.id === id)
  const ahead = at === -1 ? line : line.slice(0, at)
  const behind = at === -1 ? [] : line.slice(at + 1)
  return [...ahead.map(other => ({ ...other, passes: other.passes + 1 })), ...behind]
}

/** The one a node has to be kept for, because it may not be passed any more. Only the first can be: others wait. */
export function keptFor([first]: Line): Waiting | undefined {
  return first !== undefined && first.passes >= PASSES_MAX ? first : undefined
}

/** Its place in the line, from 1; 0 for one who is not in it. */
export function positionOf(line: Line, id: ProcessId): number {
  return line.findIndex(other => other.id === id) + 1
}
