import type { Demand } from '../../../protocol/decision.ts'
import { GLOBAL_KEY } from '../../learning/key.ts'
import type { Experience, Knowledge, Learned } from '../../learning/knowledge.ts'
import type { PlacementRules } from '../snapshot.ts'
import type { CommandKeys } from './command-key.ts'
import type { NodeShape } from './shape.ts'
import type { Want } from './want.ts'

/** Where history comes from: what {@link withHistory} needs of the context of a decision. */
export type HistoryContext = {
  readonly knowledge: Knowledge
  readonly rules: Pick<PlacementRules, 'memoryCeiling'>
  readonly nowMs: number
}

/** How many runs the belief before them is worth. */
const PRIOR_RUNS = 1
/** What other programs did says little of this one, so their runs count as no more than these. */
const MAX_RUNS_OF_EXECUTABLE = 6
const MAX_RUNS_OF_ALL = 2

/** Fewest threads a process counts as: one that sleeps still wakes up. */
const MIN_THREADS = 0.1
/** More than any node has: beyond, a figure is a mistake. */
const MAX_THREADS = 4096
const MIN_BYTES = 2 ** 20
const MAX_BYTES = 2 ** 50

/** The runs of one key as a witness of one figure. `own` are those of the command itself. */
type Witness = {
  readonly seen: Learned
  readonly name: string
  readonly maxRuns: number
  readonly own: boolean
}

type Level = Omit<Witness, 'seen'> & { readonly experience: Experience }

/** Own runs from which on only they speak: with fewer, those of the executable help out, and of all commands. */
const ENOUGH_RUNS = 8

function isEnough(experience: Experience | undefined): boolean {
  return experience !== undefined && experience.runs >= ENOUGH_RUNS
}

/** The histories that may speak of the command, most general first. */
function levelsOf(
  { command, executable }: CommandKeys,
  isUnknownKind: boolean,
  { knowledge, nowMs }: HistoryContext,
): readonly Level[] {
  const levels: Level[] = []
  const itself = knowledge.experience(command, nowMs)
  if (itself !== undefined)
    levels.push({ experience: itself, name: command, maxRuns: Number.POSITIVE_INFINITY, own: true })
  if (isEnough(itself)) return levels
  const like = knowledge.experience(executable, nowMs)
  if (like !== undefined)
    levels.unshift({ experience: like, name: executable, maxRuns: MAX_RUNS_OF_EXECUTABLE, own: false })
  if (isEnough(like) || !isUnknownKind) return levels
  const whatever = knowledge.experience(GLOBAL_KEY, nowMs)
  if (whatever !== undefined)
    levels.unshift({ experience: whatever, name: 'all commands', maxRuns: MAX_RUNS_OF_ALL, own: false })
  return levels
}

/** Who can tell of one figure; an announced one is only compared with runs of the same command. */
function witnesses(
  levels: readonly Level[],
  announced: number | null,
  read: (experience: Experience) => Learned | undefined,
): readonly Witness[] {
  const all: Witness[] = []
  for (const { experience, name, maxRuns, own } of levels) {
    const seen = announced === null || own ? read(experience) : undefined
    if (seen !== undefined) all.push({ seen, name, maxRuns, own })
  }
  return all
}

/**
 * What was believed, corrected by what was seen: (k·q + prior) / (k + 1) for k runs with high quantile q, level by
 * level; never below the median of the command's own runs.
 */
function corrected(prior: number, all: readonly Witness[]): number {
  let belief = prior
  for (const { seen, maxRuns, own } of all) {
    const runs = Math.min(seen.runs, maxRuns)
    belief = (runs * seen.high + PRIOR_RUNS * belief) / (runs + PRIOR_RUNS)
    if (own) belief = Math.max(belief, seen.median)
  }
  return belief
}

/** `12 runs of java app.jar @1000 (before: -Xmx2g)`. */
function source(prior: string, all: readonly Witness[]): string {
  const best = all.at(-1)
  if (best === undefined) return prior
  const { runs } = best.seen
  return `${runs} ${runs === 1 ? 'run' : 'runs'} of ${best.name} (before: ${prior})`
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

/**
 * The demand of a command whose flags and kind say `want`, with what its past has taught. An announced memory that a
 * node cannot hold at all is demanded in full there, however little the runs before took: a process is never moved,
 * so it must be able to use what it was given.
 */
export function withHistory(
  want: Want,
  keys: CommandKeys,
  context: HistoryContext,
): (shape: NodeShape) => Demand {
  const { announcedThreads, announcedBytes } = want
  const levels = levelsOf(keys, want.isUnknownKind, context)
  const own = levels.find(level => level.own)?.experience
  const ofThreads = witnesses(levels, announcedThreads, one => one.threads(announcedThreads))
  const ofMemory = witnesses(levels, announcedBytes, one => one.memory(announcedBytes))
  const raise = own?.oomRaise ?? 1
  const raised = raise > 1 ? `, times ${raise.toFixed(2)} after runs killed for memory` : ''
  const limitBytes =
    want.limitBytes === null ? null : Math.round(clamp(want.limitBytes * raise, MIN_BYTES, MAX_BYTES))
  const threads = clamp(corrected(want.threads, ofThreads), MIN_THREADS, MAX_THREADS)
  const threadsFrom = source(want.threadsFrom, ofThreads)
  const memoryFrom = `${source(want.memoryFrom, ofMemory)}${raised}`
  const lifeMs = own?.lifeMs() ?? null
  const most = limitBytes ?? MAX_BYTES
  return shape => {
    const ceilingBytes = shape.memoryTotalBytes * context.rules.memoryCeiling
    const learned = corrected(want.memoryBytes(shape), ofMemory) * raise
    const memoryBytes =
      announcedBytes !== null && announcedBytes > ceilingBytes ? Math.max(announcedBytes, learned) : learned
    return {
      threads,
      memoryBytes: Math.round(clamp(memoryBytes, MIN_BYTES, most)),
      memoryMaxBytes: limitBytes,
      threadsFrom,
      memoryFrom,
      lifeMs,
      key: keys.command,
      announcedThreads,
      announcedBytes,
    }
  }
}
