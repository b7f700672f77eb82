import { statSync } from 'node:fs'
import { constants } from 'node:os'
import type { ProcessId } from '../../../config/values/node-id.ts'
import type { Now } from '../../../protocol/log.ts'
import type { Usage } from '../../../protocol/process.ts'
import { planSignal } from '../../exec/signal-plan.ts'
import { NO_USAGE, type ProcFacts, procUsage, withReading } from '../../exec/usage.ts'
import { readProc } from '../../exec/usage-read.ts'
import type { Fact } from '../../link/outbox.ts'

/** Between looks at whether they still run, and what they use. */
const LOOK_MS = 250
/** Nobody but their parent learns how they end. */
const UNSEEN = { exitStatus: null, signal: null, oomKilled: false } as const

/** A process of this node's people that was placed here, where it was typed. */
export type InPlaceProcess = {
  readonly id: ProcessId
  readonly pid: number
  readonly startedAtMs: number
  usage(): Usage
}

/** The processes that placement has left where they were typed: nobody of ours is their parent or holds them. */
export type InPlace = {
  /** Watches over what `pid` of user `uid` becomes; answers whether there is such a process. */
  begin(id: ProcessId, pid: number, uid: number): boolean
  running(): readonly InPlaceProcess[]
  /** Sends a signal to the process itself; answers why not, when not; `undefined` also for one that is not ours. */
  kill(id: string, signal: string): string | undefined
  has(id: string): boolean
  close(): void
}

type Watched = { readonly process: InPlaceProcess; readonly beganTicks: number; usage: Usage }

const SIGNALS: ReadonlySet<string> = new Set(Object.keys(constants.signals))

/**
 * Counts them for placement from their start to their end, as any other: else all that is typed at once would be left
 * here, each of them finding the node idle.
 */
export function createInPlace({ now, onFact }: { now: Now; onFact: (fact: Fact) => void }): InPlace {
  const watched = new Map<string, Watched>()
  let looking: NodeJS.Timeout | undefined

  function look(): void {
    for (const one of watched.values()) {
      const facts = same(one)
      if (facts === undefined) end(one)
      else one.usage = withReading(one.usage, procUsage([facts]))
    }
  }

  function end({ process: { id, startedAtMs }, usage }: Watched): void {
    watched.delete(id)
    if (watched.size === 0) clearInterval(looking)
    const last = { ...usage, threads: 0, memoryBytes: usage.memoryBytes === null ? null : 0 }
    onFact({ type: 'process-ended', id, startedAtMs, endedAtMs: now(), ending: UNSEEN, usage: last })
  }

  return {
    begin(id, pid, uid) {
      const [facts] = readProc(pid)
      if (facts === undefined || ownerOf(pid) !== uid) return false
      const startedAtMs = now()
      const usage = () => watched.get(id)?.usage ?? NO_USAGE
      const process = { id, pid, startedAtMs, usage }
      watched.set(id, { process, beganTicks: facts.beganTicks, usage: procUsage([facts]) })
      if (watched.size === 1) looking = setInterval(look, LOOK_MS)
      onFact({ type: 'process-started', id, pid, startedAtMs })
      return true
    },
    running: () => [...watched.values()].map(({ process }) => process),
    has: id => watched.has(id),
    kill(id, name) {
      const one = watched.get(id)
      const plan = planSignal(name, SIGNALS)
      if (plan.kind === 'unknown') return plan.reason
      if (one === undefined || same(one) === undefined) return 'the process has ended'
      process.kill(one.process.pid, plan.kind === 'group' ? (plan.signal as NodeJS.Signals) : 'SIGKILL')
      return undefined
    },
    close: () => clearInterval(looking),
  }
}

/** What /proc tells of it now; `undefined` when it has ended, and its number may be another's. */
function same({ process, beganTicks }: Watched): ProcFacts | undefined {
  return readProc(process.pid).find(facts => facts.beganTicks === beganTicks)
}

function ownerOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid
}
