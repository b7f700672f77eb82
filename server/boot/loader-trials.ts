import { LoaderName } from '../../config/values/loader-name.ts'
import type { Mac } from '../../config/values/mac.ts'
import type { Now } from '../../protocol/log.ts'
import type { BootClient } from '../dhcp/boot-client.ts'
import type { LoaderMemory } from './loader-memory.ts'
import { afterAsked, afterCallBack, afterSent, type LoaderTrial, UNTRIED } from './loader-trial.ts'

/** The trials of all machines of one link. */
export type LoaderTrials = {
  /** A machine has fetched something whole under this name; it counts if it is a loader. */
  sent(mac: Mac, name: string): void
  /** A loader runs there and reaches us: one that found `autoexec.ipxe` asks for a script and not DHCP. */
  calledBack(mac: Mac): void
  /** A machine asks what to boot; what is known of it and its loaders. */
  asked(client: Pick<BootClient, 'mac' | 'stage'>): {
    readonly learnt: LoaderName | undefined
    readonly failed: readonly LoaderName[]
  }
}

/** Machines watched at once; one more, and the one watched longest is forgotten. */
const TRIALS_MAX = 1000

/** No trials yet. `memory` learns which loader worked where another had failed. */
export function createTrials(options: { readonly memory: LoaderMemory; readonly now: Now }): LoaderTrials {
  const { memory, now } = options
  const trials = new Map<Mac, LoaderTrial>()
  const keep = (mac: Mac, trial: LoaderTrial): void => {
    trials.delete(mac)
    if (trial === UNTRIED) return
    trials.set(mac, trial)
    const oldest = trials.size > TRIALS_MAX ? trials.keys().next().value : undefined
    if (oldest !== undefined) trials.delete(oldest)
  }
  const calledBack = (mac: Mac): void => {
    const before = trials.get(mac) ?? UNTRIED
    const { trial, worked } = afterCallBack(before)
    if (worked !== undefined && before.failed.length > 0) memory.remember(mac, worked)
    keep(mac, trial)
  }
  return {
    calledBack,
    sent: (mac, name) => {
      const loader = LoaderName.safeParse(name)
      if (loader.success) keep(mac, afterSent(trials.get(mac) ?? UNTRIED, loader.data, now()))
    },
    asked: ({ mac, stage }) => {
      if (stage === 'ipxe') {
        calledBack(mac)
        return { learnt: memory.recall(mac), failed: [] }
      }
      const before = trials.get(mac) ?? UNTRIED
      const trial = afterAsked(before, now())
      if (trial !== before) keep(mac, trial)
      return { learnt: memory.recall(mac), failed: trial.failed }
    },
  }
}
